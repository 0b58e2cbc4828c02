#pragma once

#include <cstddef>

namespace sextant {

/// Blocks of huge pages that Buffers gave back, kept by the process for its next ones: to clear and
/// map new pages takes longer than most kernels take to fill them (measured on virtual machines:
/// 0.2 to 0.9 ns a byte). Up to kMaxFreeLargeBytes are kept, charged to no budget and marked as
/// free (MADV_FREE), so that the system takes them when memory runs short, before it takes anything
/// else. Neighbours are joined, and cut where less is asked for. What a block held may still be in
/// it.

inline constexpr size_t kLargeBlockUnitBytes = size_t{2} << 20;
inline constexpr size_t kMaxFreeLargeBytes = size_t{1} << 30;

/// `size_bytes` of any value, aligned to kLargeBlockUnitBytes; null when the system refuses.
/// REQUIRES: size_bytes is a multiple of kLargeBlockUnitBytes and not 0. Thread-safe.
void* TakeLargeBlock(size_t size_bytes);

/// Gives back what TakeLargeBlock gave for `size_bytes`. Thread-safe.
void GiveBackLargeBlock(void* block, size_t size_bytes);

/// What is kept.
size_t FreeLargeBytes();

}  // namespace sextant
