#include "compute/column/string_hash.h"

#include <random>

namespace sextant {

uint64_t HashSeedOfProcess() {
  static const uint64_t seed = [] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }();
  return seed;
}

}  // namespace sextant
