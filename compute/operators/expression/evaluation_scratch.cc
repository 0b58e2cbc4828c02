#include "compute/operators/expression/evaluation_scratch.h"

#include <algorithm>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr size_t kBlockBytes = size_t{64} << 10;
/// Of a thread at rest.
constexpr size_t kKeptBlocks = 4;

/// Not charged to anyone, and never destroyed: threads may end after everything else.
MemoryBudget& ScratchBudget() {
  static MemoryBudget& budget = *new MemoryBudget("expression scratch");
  return budget;
}

Buffer AllocateScratch(size_t size_bytes) {
  absl::StatusOr<Buffer> buffer = Buffer::Allocate(ScratchBudget(), size_bytes);
  SEXTANT_CHECK(buffer.ok()) << "the system gives no memory";
  return *std::move(buffer);
}

}  // namespace

SlotForm SlotFormOf(const DataType& type) {
  switch (PlainLayout(type)) {
    case Layout::kFloat:
      return SlotForm::kFloat;
    case Layout::kWide:
      return SlotForm::kWide;
    case Layout::kBytes:
      return SlotForm::kText;
    default:
      return SlotForm::kInteger;
  }
}

char* TextArena::Allocate(size_t size_bytes) {
  if (block_ < blocks_.size() && blocks_[block_].size_bytes - used_ >= size_bytes) {
    char* const bytes = blocks_[block_].bytes.get() + used_;
    used_ += size_bytes;
    return bytes;
  }
  if (block_ < blocks_.size()) ++block_;
  if (block_ < blocks_.size() && blocks_[block_].size_bytes < size_bytes) blocks_.resize(block_);
  if (block_ == blocks_.size()) {
    const size_t block_bytes = std::max(size_bytes, kBlockBytes);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block_bytes), block_bytes});
  }
  used_ = size_bytes;
  return blocks_[block_].bytes.get();
}

void TextArena::Shrink(const char* begin, size_t size_bytes) {
  used_ = static_cast<size_t>(begin - blocks_[block_].bytes.get()) + size_bytes;
}

void TextArena::Rewind(Mark mark) {
  block_ = mark.block;
  used_ = mark.used;
  const bool is_empty = block_ == 0 && used_ == 0;
  if (!is_empty || blocks_.empty()) return;
  if (blocks_.size() > kKeptBlocks) blocks_.resize(kKeptBlocks);
  std::erase_if(blocks_, [](const Block& block) { return block.size_bytes > kBlockBytes; });
}

template <typename T>
StackPool<T>& ThreadPool() {
  thread_local StackPool<T> pool;
  return pool;
}
template StackPool<ValueVector>& ThreadPool<ValueVector>();
template StackPool<RowList>& ThreadPool<RowList>();
template StackPool<ConditionScratch>& ThreadPool<ConditionScratch>();

TextArena& ThreadTextArena() {
  thread_local TextArena arena;
  return arena;
}

void FitFilterScratch(const PredicateStep& step, FilterScratch& scratch) {
  const size_t bitmap_bytes =
      step.num_or_levels() * 2 * BitmapWords(kMaxChunkRows) * sizeof(uint64_t);
  const size_t stamp_bytes = step.num_stamps() * sizeof(uint32_t);
  if (scratch.bitmaps.size_bytes() < bitmap_bytes) scratch.bitmaps = AllocateScratch(bitmap_bytes);
  if (scratch.stamps.size_bytes() < stamp_bytes) scratch.stamps = AllocateScratch(stamp_bytes);
}

}  // namespace sextant
