#pragma once

namespace sextant {

/// Freed memory that each heap of the system's allocator keeps at its end, and the size from which
/// a block is mapped by itself and goes back at once. The defaults (128 KiB, growing with what was
/// freed) give pages back and ask for them anew in every query of 100,000 groups: 300 to 750 page
/// faults, 3 to 8 % of its time.
inline constexpr int kHeapBoundBytes = 8 << 20;

/// Sets these bounds for the process. A program that runs queries calls it once, first. False where
/// the allocator refuses: then only speed is lost.
bool BoundHeaps();

}  // namespace sextant
