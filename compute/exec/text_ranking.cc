#include "compute/exec/text_ranking.h"

#include <algorithm>
#include <utility>

#include "compute/exec/text_sort.h"
#include "compute/memory/check.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Rows merged in one step, and bytes of their texts.
constexpr size_t kRowsPerStep = size_t{1} << 15;
constexpr size_t kBytesPerStep = size_t{1} << 20;
/// Of more rows, or of longer texts that are alike, a step would keep a worker for too long.
constexpr uint64_t kMaxRows = uint64_t{1} << 24;
constexpr uint32_t kMaxChunkBytes = uint32_t{4} << 20;

/// What std::push_heap wants: the greatest on top. Of equal texts the earlier chunk is.
constexpr auto kComesLater = [](const auto& a, const auto& b) {
  const int order = a.text.compare(b.text);
  return order != 0 ? order > 0 : a.chunk > b.chunk;
};

}  // namespace

bool TextRanker::Fits(const Table& table, ColumnIndex column) {
  if (table.facts(column).layout != Layout::kBytes || table.num_rows() > kMaxRows) return false;
  for (uint32_t i = 0; i < table.num_chunks(); ++i) {
    const std::span<const uint32_t> ends = table.chunk(i).column(column).offsets();
    if (ends.back() - ends.front() > kMaxChunkBytes) return false;
  }
  return table.num_chunks() > 0 && table.num_chunks() <= TextRanks::kMaxChunks;
}

TextRanker::TextRanker(const Table& table, ColumnIndex column, MemoryBudget& budget)
    : table_(table), column_(column), budget_(budget), order_(budget), firsts_(budget) {
  SEXTANT_CHECK(Fits(table, column));
}

absl::StatusOr<std::unique_ptr<const TextRanks>> TextRanker::Step() {
  const auto start = std::chrono::steady_clock::now();
  if (codes_.data() == nullptr) SEXTANT_RETURN_IF_ERROR(MakeRoom());
  const bool is_sorted = num_sorted_ == table_.num_chunks();
  SEXTANT_RETURN_IF_ERROR(is_sorted ? Merge(kRowsPerStep) : SortChunk(num_sorted_++));
  spent_ += std::chrono::steady_clock::now() - start;
  if (!is_sorted || !cursors_.empty()) return nullptr;
  return Finish();
}

absl::Status TextRanker::MakeRoom() {
  SEXTANT_ASSIGN_OR_RETURN(codes_, Buffer::Allocate(budget_, table_.num_rows() * sizeof(uint32_t)));
  return order_.Reserve(table_.num_rows());
}

absl::Status TextRanker::SortChunk(uint32_t chunk) {
  const Column& column = ColumnOf(chunk);
  TrackedVector<KeyedItem> items(budget_);
  SEXTANT_RETURN_IF_ERROR(items.Reserve(column.num_rows()));
  for (uint32_t row = 0; row < column.num_rows(); ++row) {
    if (!column.IsNull(row)) items.AppendUnchecked({.item = row, .key = 0});
  }
  if (items.empty()) return absl::OkStatus();
  const auto text_of = [&](uint64_t row) { return column.BytesAt(static_cast<uint32_t>(row)); };
  SEXTANT_RETURN_IF_ERROR(TextSorter(budget_, AlwaysGoOn, text_of).Sort(items.span()));
  const auto first = static_cast<uint32_t>(order_.size());
  for (const KeyedItem& one : items.span()) {
    order_.AppendUnchecked(static_cast<uint16_t>(one.item));
  }
  Cursor cursor = {{}, chunk, first, static_cast<uint32_t>(order_.size())};
  Load(cursor);
  cursors_.push_back(cursor);
  std::push_heap(cursors_.begin(), cursors_.end(), kComesLater);
  return absl::OkStatus();
}

void TextRanker::Load(Cursor& cursor) const {
  cursor.text = ColumnOf(cursor.chunk).BytesAt(order_[cursor.next]);
}

absl::Status TextRanker::Merge(size_t num_rows) {
  SEXTANT_RETURN_IF_ERROR(firsts_.Reserve(firsts_.size() + num_rows));
  uint32_t* const codes = codes_.As<uint32_t>().data();
  size_t num_bytes = 0;
  for (size_t i = 0; i < num_rows && num_bytes < kBytesPerStep && !cursors_.empty(); ++i) {
    std::pop_heap(cursors_.begin(), cursors_.end(), kComesLater);
    Cursor& least = cursors_.back();
    const TextRanks::Place place = {least.chunk, order_[least.next]};
    if (firsts_.empty() || least.text != last_text_) firsts_.AppendUnchecked(place.Packed());
    last_text_ = least.text;
    num_bytes += least.text.size();
    codes[table_.first_row(place.chunk) + place.row] = static_cast<uint32_t>(firsts_.size());
    if (++least.next == least.end) {
      cursors_.pop_back();
      continue;
    }
    Load(least);
    std::push_heap(cursors_.begin(), cursors_.end(), kComesLater);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<const TextRanks>> TextRanker::Finish() {
  std::vector<const ChunkData*> chunks;
  for (uint32_t i = 0; i < table_.num_chunks(); ++i) chunks.push_back(&table_.chunk(i).data());
  // Cut: their number is that of the texts.
  SEXTANT_ASSIGN_OR_RETURN(
      Buffer firsts, Buffer::AllocateUninitialized(budget_, firsts_.size() * sizeof(uint32_t)));
  std::copy_n(firsts_.data(), firsts_.size(), firsts.As<uint32_t>().data());
  codes_.Settle();
  firsts.Settle();
  return std::make_unique<const TextRanks>(std::move(chunks), column_, std::move(codes_),
                                           std::move(firsts), spent_.count());
}

}  // namespace sextant
