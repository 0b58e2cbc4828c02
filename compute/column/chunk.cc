#include "compute/column/chunk.h"

#include <algorithm>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/keep_first.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

uint64_t NextVersionId() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

ChunkData::ChunkData(uint32_t num_rows, std::vector<std::shared_ptr<const Column>> columns)
    : num_rows_(num_rows),
      columns_(std::move(columns)),
      indexes_(new std::atomic<const ValueIndex*>[columns_.size()]()),
      orders_(new std::atomic<const ValueOrder*>[columns_.size()]()) {
  SEXTANT_CHECK(num_rows_ <= kMaxChunkRows);
  for (const std::shared_ptr<const Column>& column : columns_) {
    SEXTANT_CHECK(column != nullptr && column->num_rows() == num_rows_);
  }
}

ChunkData::~ChunkData() {
  for (size_t column = 0; column < columns_.size(); ++column) {
    delete indexes_[column].load(std::memory_order_acquire);
    delete orders_[column].load(std::memory_order_acquire);
  }
}

bool ChunkData::SetIndex(uint32_t column, std::unique_ptr<const ValueIndex> index) const {
  SEXTANT_CHECK(column < num_columns());
  return KeepFirst(indexes_[column], std::move(index));
}

bool ChunkData::SetOrder(uint32_t column, std::unique_ptr<const ValueOrder> order) const {
  SEXTANT_CHECK(column < num_columns());
  return KeepFirst(orders_[column], std::move(order));
}

size_t ChunkData::reserved_bytes() const {
  size_t bytes = 0;
  for (uint32_t column = 0; column < num_columns(); ++column) {
    bytes += columns_[column]->reserved_bytes();
    if (const ValueIndex* there = index(column)) bytes += there->reserved_bytes();
    if (const ValueOrder* there = order(column)) bytes += there->reserved_bytes();
  }
  return bytes;
}

Chunk::Chunk(std::shared_ptr<const ChunkData> data) : Chunk(std::move(data), Buffer()) {}

Chunk::Chunk(std::shared_ptr<const ChunkData> data, Buffer live)
    : data_(std::move(data)), live_(std::move(live)), version_id_(NextVersionId()) {
  num_live_rows_ =
      live_.size_bytes() == 0 ? data_->num_rows() : static_cast<uint32_t>(CountBits(this->live()));
}

absl::StatusOr<std::shared_ptr<const Chunk>> Chunk::WithoutRows(
    std::span<const uint32_t> deleted_rows, MemoryBudget& budget) const {
  const size_t num_words = BitmapWords(num_rows());
  SEXTANT_ASSIGN_OR_RETURN(Buffer next_live,
                           Buffer::Allocate(budget, num_words * sizeof(uint64_t)));
  const std::span<uint64_t> words = next_live.As<uint64_t>();
  if (live().empty()) {
    SetBitRange(words, 0, num_rows());
  } else {
    std::copy(live().begin(), live().end(), words.begin());
  }
  for (const uint32_t row : deleted_rows) {
    SEXTANT_CHECK(row < num_rows()) << "row " << row << " of " << num_rows();
    ClearBit(words, row);
  }
  // Still all live: an empty bitmap says so, and scans skip the AND.
  if (CountBits(words) == num_rows()) next_live = Buffer();
  next_live.Settle();
  return std::shared_ptr<const Chunk>(new Chunk(data_, std::move(next_live)));
}

}  // namespace sextant
