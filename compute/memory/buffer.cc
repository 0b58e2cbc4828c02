#include "compute/memory/buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/block_keeping.h"
#include "compute/memory/free_blocks.h"
#include "compute/memory/keep_going.h"
#include "compute/memory/large_blocks.h"
#include "compute/memory/resting_blocks.h"

namespace sextant {
namespace {

constexpr size_t kReadableTailBytes = 64;
#ifndef NDEBUG
constexpr int kUnwrittenByte = 0xA5;  // so that tests notice who reads what nobody wrote
#endif
constexpr size_t kHugePageBytes = kLargeBlockUnitBytes;

size_t RoundUp(size_t bytes, size_t alignment) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// Asks for huge pages where all of one is used; the rest of the last one would be resident without
/// being charged.
void AdviseHugePages(char* block, size_t block_bytes) {
  const size_t whole_bytes = block_bytes / kHugePageBytes * kHugePageBytes;
  madvise(block, whole_bytes, MADV_HUGEPAGE);
  const size_t rest_bytes = RoundUp(block_bytes, kHugePageBytes) - whole_bytes;
  if (rest_bytes > 0) madvise(block + whole_bytes, rest_bytes, MADV_NOHUGEPAGE);
}

}  // namespace

void Buffer::FreeBlock() {
  if (is_resting_) return GiveBackRestingBlock(data_, reserved_bytes());
  if (reserved_bytes() < kHugePageBytes) return GiveBackBlock(data_);
  GiveBackLargeBlock(data_, RoundUp(reserved_bytes(), kHugePageBytes));
}

void Buffer::Settle() {
  const size_t block_bytes = reserved_bytes();
  // A sanitizer finds who reads past the end of a block only where each is the system's.
  if (!kKeepsBlocks || is_resting_ || block_bytes == 0 || block_bytes >= kHugePageBytes) return;
  void* const block = TakeRestingBlock(block_bytes);
  if (block == nullptr) return;
  std::memcpy(block, data_, size_bytes_);
  std::memset(static_cast<std::byte*>(block) + size_bytes_, 0, block_bytes - size_bytes_);
  FreeBlock();
  data_ = static_cast<std::byte*>(block);
  is_resting_ = true;
}

absl::StatusOr<Buffer> Buffer::Allocate(MemoryBudget& budget, size_t size_bytes) {
  absl::StatusOr<Buffer> buffer = AllocateUninitialized(budget, size_bytes);
  if (!buffer.ok()) return buffer;
  const size_t block_bytes = buffer->reserved_bytes();
  absl::Status status = buffer_internal::Clear(buffer->data_, block_bytes);
  if (!status.ok()) return status;
  return buffer;
}

absl::StatusOr<Buffer> Buffer::AllocateUninitialized(MemoryBudget& budget, size_t size_bytes) {
  absl::StatusOr<Buffer> buffer{absl::in_place};
  if (size_bytes == 0) return buffer;
  absl::Status status = buffer->Take(budget, size_bytes);
  if (!status.ok()) buffer = std::move(status);
  return buffer;
}

absl::Status Buffer::Take(MemoryBudget& budget, size_t size_bytes) {
  const size_t block_bytes = RoundUp(size_bytes + kReadableTailBytes, kBlockAlignmentBytes);
  const bool huge = block_bytes >= kHugePageBytes;
  if (huge) {  // the owner, who copies into it, is asked first
    if (absl::Status status = AskToGoOn(); !status.ok()) return status;
  }
  reservation_ = MemoryReservation(budget);
  if (absl::Status status = reservation_.Resize(block_bytes); !status.ok()) return status;
  // The surplus of a huge block is not touched.
  void* block =
      huge ? TakeLargeBlock(RoundUp(block_bytes, kHugePageBytes)) : TakeBlock(block_bytes);
  if (block == nullptr) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the system refused a block of ", block_bytes, " bytes"));
  }
  if (huge) AdviseHugePages(static_cast<char*>(block), block_bytes);
#ifndef NDEBUG
  std::memset(block, kUnwrittenByte, block_bytes);
#endif
  data_ = static_cast<std::byte*>(block);
  size_bytes_ = size_bytes;
  return absl::OkStatus();
}

namespace buffer_internal {
namespace {

/// Calls body(begin, size) for the steps of so many bytes, and asks before each but the first.
template <typename Body>
absl::Status InSteps(size_t size_bytes, Body body) {
  for (size_t begin = 0; begin < size_bytes; begin += kBytesPerQuestion) {
    if (begin > 0) {
      if (absl::Status status = AskToGoOn(); !status.ok()) return status;
    }
    body(begin, std::min(kBytesPerQuestion, size_bytes - begin));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CopyLarge(std::byte* to, const std::byte* from, size_t size_bytes) {
  return InSteps(size_bytes, [=](size_t begin, size_t step_bytes) {
    std::memcpy(to + begin, from + begin, step_bytes);
  });
}

absl::Status ClearLarge(std::byte* bytes, size_t size_bytes) {
  return InSteps(size_bytes, [=](size_t begin, size_t step_bytes) {
    std::memset(bytes + begin, 0, step_bytes);
  });
}

}  // namespace buffer_internal

}  // namespace sextant
