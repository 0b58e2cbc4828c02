#include "compute/kernels/slot_compaction.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sextant {
namespace {

constexpr uint32_t kSeed = 20261122;
constexpr uint32_t kUntouched = 77;

TEST(SlotCompactionTest, SlotsAreCompactedAsTheScalarFormDoes) {
  std::mt19937 random(kSeed);
  for (const uint32_t one_in : {1u, 2u, 9u, 1000u}) {
    for (uint32_t count = 0; count < 200; ++count) {
      std::vector<uint32_t> slots(count);
      for (uint32_t& slot : slots) slot = random() % one_in == 0 ? 1 + random() : 0;
      // Room for as many as there are and one, behind which nothing may be written.
      std::vector<uint32_t> expected_cells(count + 1);
      std::vector<uint32_t> expected_positions(count + 1);
      const size_t kept = CompactSlotsScalar(slots.data(), 0, count, expected_cells.data(),
                                             expected_positions.data());
      std::vector<uint32_t> cells(kept + 2, kUntouched);
      std::vector<uint32_t> positions(kept + 2, kUntouched);
      ASSERT_EQ(CompactSlots(slots.data(), count, cells.data(), positions.data()), kept);
      for (size_t i = 0; i < kept; ++i) {
        ASSERT_EQ(cells[i], expected_cells[i]) << "seed " << kSeed;
        ASSERT_EQ(positions[i], expected_positions[i]) << "seed " << kSeed;
      }
      ASSERT_EQ(cells[kept + 1], kUntouched);
      ASSERT_EQ(positions[kept + 1], kUntouched);
    }
  }
}

}  // namespace
}  // namespace sextant
