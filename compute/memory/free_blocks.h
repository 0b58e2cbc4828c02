#pragma once

#include <cstddef>

namespace sextant {

/// Blocks that Buffers gave back, kept by the thread that did so for its next ones: queries of one
/// shape ask for the same sizes again and again, and the system's allocator takes a hundred times
/// as long for aligned blocks. Each thread keeps up to kMaxFreeBytes, charged to no budget, and
/// gives them to the system at its end. What a block held stays in it.

inline constexpr size_t kBlockAlignmentBytes = 64;
inline constexpr size_t kMaxFreeBlockBytes = size_t{2} << 20;  // larger blocks are not kept
inline constexpr size_t kMaxFreeBytes = size_t{8} << 20;       // of one thread

/// At least `size_bytes` of any value, aligned to kBlockAlignmentBytes; null when the system
/// refuses. REQUIRES: size_bytes is a multiple of kBlockAlignmentBytes and not 0. Thread-safe.
void* TakeBlock(size_t size_bytes);

/// Gives back what TakeBlock gave, on any thread.
void GiveBackBlock(void* block);

/// What the calling thread keeps.
size_t FreeBlockBytesOfThisThread();

}  // namespace sextant
