#include "compute/exec/distinct_counting.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/distinct_counter.h"

namespace sextant {
namespace {

/// One column of one chunk per step, so that queries go first.
class CountingTask final : public Task {
 public:
  CountingTask(std::shared_ptr<const Table> table, std::function<bool()> is_wanted,
               std::function<void(DistinctCounts)> done)
      : table_(std::move(table)), is_wanted_(std::move(is_wanted)), done_(std::move(done)) {}

  bool Step() override {
    if (!is_wanted_()) return false;
    const auto num_columns = static_cast<ColumnIndex>(table_->schema().num_fields());
    if (counts_.size() == num_columns) return Finish();
    if (chunk_ < table_->num_chunks()) {
      Count(table_->chunk(chunk_++));
      return true;
    }
    counts_.push_back(CountOfColumn());
    counter_ = DistinctCounter();
    seen_.clear();
    chunk_ = 0;
    build_ns_ = 0;
    return counts_.size() < num_columns || Finish();
  }

 private:
  ColumnIndex current() const { return static_cast<ColumnIndex>(counts_.size()); }
  /// Null: the column has no codes of texts.
  const Dictionary* dictionary() const {
    const ColumnFacts& facts = table_->facts(current());
    return facts.dictionary.get();
  }

  void Count(const Chunk& chunk) {
    const auto began = std::chrono::steady_clock::now();
    const Column& column = chunk.column(current());
    if (HasCountedValues(column)) {
      AddValues(column, counter_);
    } else if (dictionary() != nullptr) {
      seen_.resize(BitmapWords(table_->facts(current()).dictionary_size));
      MarkCodes(column, seen_);
    }
    has_deleted_rows_ |= chunk.num_live_rows() < chunk.num_rows();
    const auto time = std::chrono::steady_clock::now() - began;
    build_ns_ += std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  }

  /// Of the column whose chunks have been seen.
  std::optional<DistinctCount> CountOfColumn() {
    DistinctCount count = {.is_exact = !has_deleted_rows_, .build_ns = build_ns_};
    if (table_->num_chunks() == 0 || HasCountedValues(table_->chunk(0).column(current()))) {
      count.count = counter_.count();
      count.is_exact &= counter_.is_exact();
      return count;
    }
    if (dictionary() == nullptr) return std::nullopt;
    count.count = CountBits(seen_);
    count.texts = BoundsOfSeen();
    return count;
  }

  std::optional<TextBounds> BoundsOfSeen() const {
    const uint32_t num_entries = table_->facts(current()).dictionary_size;
    if (num_entries > kMaxBoundEntries) return std::nullopt;
    std::optional<std::string_view> least;
    std::string_view greatest;
    for (uint32_t code = 0; code < num_entries; ++code) {
      if (!TestBit(seen_, code)) continue;
      const std::string_view entry = dictionary()->Entry(code);
      greatest = least ? std::max(greatest, entry) : entry;
      least = least ? std::min(*least, entry) : entry;
    }
    if (!least) return std::nullopt;
    return TextBounds{std::string(*least), std::string(greatest)};
  }

  bool Finish() {
    done_(std::move(counts_));
    return false;
  }

  const std::shared_ptr<const Table> table_;
  const std::function<bool()> is_wanted_;
  const std::function<void(DistinctCounts)> done_;
  DistinctCounts counts_;  // of the columns that are done
  uint32_t chunk_ = 0;     // the next one of the column after them
  DistinctCounter counter_;
  std::vector<uint64_t> seen_;  // the codes of its texts
  bool has_deleted_rows_ = false;
  int64_t build_ns_ = 0;
};

}  // namespace

void CountDistinct(WorkerPool& pool, std::shared_ptr<const Table> table,
                   std::function<bool()> is_wanted, std::function<void(DistinctCounts)> done) {
  pool.Submit(Priority::kBackground, std::make_unique<CountingTask>(
                                         std::move(table), std::move(is_wanted), std::move(done)));
}

}  // namespace sextant
