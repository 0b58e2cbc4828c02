#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sextant {

/// How many keys are within [low, high]. No branch depends on a key. Safe for any number of
/// threads.
size_t CountKeysWithin(std::span<const int64_t> keys, int64_t low, int64_t high);

/// Copies those to `kept`, in order, and returns how many. `kept` has room for all keys and is not
/// where they are read. No branch depends on a key. Safe for any number of threads.
size_t KeepKeysWithin(std::span<const int64_t> keys, int64_t low, int64_t high, int64_t* kept);
/// The scalar form and the truth, from keys[first] on.
size_t KeepKeysWithinScalar(std::span<const int64_t> keys, size_t first, int64_t low, int64_t high,
                            int64_t* kept);

}  // namespace sextant
