#include "compute/operators/integer_key_set.h"

#include "compute/column/bitmap.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr uint64_t kMaxBitmapSpan = uint64_t{1} << 20;

}  // namespace

absl::StatusOr<IntegerKeySet> IntegerKeySet::Create(std::span<const int64_t> keys,
                                                    MemoryBudget& budget) {
  IntegerKeySet set;
  SEXTANT_ASSIGN_OR_RETURN(set.sorted_, Buffer::Allocate(budget, keys.size_bytes()));
  std::copy(keys.begin(), keys.end(), set.sorted_.As<int64_t>().begin());
  if (keys.empty()) return set;
  set.min_ = keys.front();
  set.span_ = static_cast<uint64_t>(keys.back()) - static_cast<uint64_t>(keys.front());
  if (set.span_ >= kMaxBitmapSpan) return set;
  SEXTANT_ASSIGN_OR_RETURN(set.bitmap_,
                           Buffer::Allocate(budget, BitmapWords(set.span_ + 1) * sizeof(uint64_t)));
  for (const int64_t key : keys) {
    SetBit(set.bitmap_.As<uint64_t>(),
           static_cast<uint64_t>(key) - static_cast<uint64_t>(set.min_));
  }
  return set;
}

}  // namespace sextant
