#pragma once

#include <cstddef>

namespace sextant {

/// Objects that `new` makes and `delete` ends, of up to kMaxKeptObjectBytes: the thread that ends
/// one keeps its memory for the next one of that size. Answering a query makes and ends about a
/// hundred of the plan and the result (measured: 200 instructions for a pair of new and delete of
/// the system's allocator, 30 so). Whoever links this library has it, without a call: it replaces
/// the global operators, in C++'s own way.
///
/// Each thread keeps some of each size, at most kMaxKeptObjectsBytes of all, and frees them at its
/// end. What was not made by `new` of a known size, or is ended without its size, goes to malloc
/// and free, as all does that is larger. With a sanitizer nothing is replaced.

inline constexpr size_t kMaxKeptObjectBytes = 2040;
inline constexpr size_t kMaxKeptObjectsBytes = size_t{2} << 20;  // of one thread

/// What the calling thread keeps.
size_t KeptObjectBytesOfThisThread();

}  // namespace sextant
