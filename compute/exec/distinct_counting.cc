#include "compute/exec/distinct_counting.h"

#include <chrono>
#include <utility>

#include "compute/column/distinct_counter.h"

namespace sextant {
namespace {

/// One column of one chunk per step, so that queries go first.
class CountingTask final : public Task {
 public:
  CountingTask(std::shared_ptr<const Table> table, std::function<void(DistinctCounts)> done)
      : table_(std::move(table)), done_(std::move(done)) {}

  bool Step() override {
    const auto num_columns = static_cast<ColumnIndex>(table_->schema().num_fields());
    if (counts_.size() == num_columns) return Finish();
    if (chunk_ < table_->num_chunks()) {
      const Column& column =
          table_->chunk(chunk_++).column(static_cast<ColumnIndex>(counts_.size()));
      if (HasCountedValues(column)) {
        Count(column);
        return true;
      }
    }
    counts_.push_back(CountOfColumn());
    counter_ = DistinctCounter();
    chunk_ = 0;
    build_ns_ = 0;
    return counts_.size() < num_columns || Finish();
  }

 private:
  void Count(const Column& column) {
    const auto began = std::chrono::steady_clock::now();
    AddValues(column, counter_);
    const auto time = std::chrono::steady_clock::now() - began;
    build_ns_ += std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  }

  /// Of the column whose chunks have been seen.
  std::optional<DistinctCount> CountOfColumn() {
    const auto column = static_cast<ColumnIndex>(counts_.size());
    if (table_->num_chunks() > 0 && !HasCountedValues(table_->chunk(0).column(column))) {
      const ColumnFacts& facts = table_->facts(column);
      if (facts.dictionary == nullptr) return std::nullopt;
      return DistinctCount{.count = facts.dictionary_size};
    }
    return DistinctCount{
        .count = counter_.count(), .is_exact = counter_.is_exact(), .build_ns = build_ns_};
  }

  bool Finish() {
    done_(std::move(counts_));
    return false;
  }

  const std::shared_ptr<const Table> table_;
  const std::function<void(DistinctCounts)> done_;
  DistinctCounts counts_;  // of the columns that are done
  uint32_t chunk_ = 0;     // the next one of the column after them
  DistinctCounter counter_;
  int64_t build_ns_ = 0;
};

}  // namespace

void CountDistinct(WorkerPool& pool, std::shared_ptr<const Table> table,
                   std::function<void(DistinctCounts)> done) {
  pool.Submit(Priority::kBackground,
              std::make_unique<CountingTask>(std::move(table), std::move(done)));
}

}  // namespace sextant
