#include "compute/operators/linked_rows.h"

#include <algorithm>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<std::unique_ptr<LinkedRows>> LinkedRows::Create(const BoundPredicate& condition,
                                                               const Table& table,
                                                               const RowNumbers& numbers,
                                                               MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(Filter filter, Filter::Create(condition, table, budget));
  auto rows = std::unique_ptr<LinkedRows>(new LinkedRows(table, numbers, std::move(filter)));
  SEXTANT_ASSIGN_OR_RETURN(rows->scratch_, rows->filter_.MakeScratch(budget));
  // One word more: that of the number that stands for no row.
  const size_t num_words = numbers.size() / 64 + 1;
  SEXTANT_ASSIGN_OR_RETURN(rows->words_,
                           Buffer::AllocateUninitialized(budget, num_words * sizeof(uint64_t)));
  rows->words_.As<uint64_t>()[num_words - 1] = 0;
  rows->is_found_ = std::make_unique<std::atomic<bool>[]>(table.num_chunks());
  return rows;
}

const uint64_t* LinkedRows::Find(LinkRows::ChunkSpan chunks) {
  for (uint32_t chunk = chunks.first; chunk < chunks.last; ++chunk) {
    if (is_found_[chunk].load(std::memory_order_acquire)) continue;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!is_found_[chunk].load(std::memory_order_relaxed)) Evaluate(chunk);
  }
  return words_.As<uint64_t>().data();
}

void LinkedRows::Evaluate(uint32_t index) {
  const Chunk& chunk = table_.chunk(index);
  uint64_t* const words = words_.As<uint64_t>().data() + numbers_.first(index) / 64;
  const auto num_words = static_cast<uint32_t>(BitmapWords(chunk.num_rows()));
  const Selection selection = {words, 0, num_words};
  selection.Clear();
  if (!filter_.Skips(chunk)) {
    if (chunk.live().empty()) {
      SetBitRange({words, num_words}, 0, chunk.num_rows());
    } else {
      std::copy(chunk.live().begin(), chunk.live().end(), words);
    }
    filter_.Narrow(chunk, selection, scratch_);
  }
  is_found_[index].store(true, std::memory_order_release);
}

}  // namespace sextant
