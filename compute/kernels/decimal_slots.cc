#include "compute/kernels/decimal_slots.h"

#include "compute/column/float_digits.h"

// Highway includes this file once per set of instructions; the compiler makes vectors of the loops.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "compute/kernels/decimal_slots.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sextant {
namespace HWY_NAMESPACE {

void ReadOffsets(const double* HWY_RESTRICT values, size_t count, DecimalScale scale,
                 uint32_t* HWY_RESTRICT offsets) {
  const double power = scale.power;
  const auto least = static_cast<uint64_t>(scale.least);
  for (size_t k = 0; k < count; ++k) {
    offsets[k] = static_cast<uint32_t>(static_cast<uint64_t>(DecimalOf(values[k], power)) - least);
  }
}

void AddDecimals(const double* HWY_RESTRICT values, size_t count, double power, WordPart part,
                 uint64_t* HWY_RESTRICT addends) {
  const uint32_t shift = part.shift;
  if (!part.begins) {
    for (size_t k = 0; k < count; ++k) {
      addends[k] += static_cast<uint64_t>(DecimalOf(values[k], power)) << shift;
    }
    return;
  }
  const uint64_t constant = part.constant;
  for (size_t k = 0; k < count; ++k) {
    addends[k] = constant + (static_cast<uint64_t>(DecimalOf(values[k], power)) << shift);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace sextant
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sextant {

HWY_EXPORT(ReadOffsets);
HWY_EXPORT(AddDecimals);

void ReadDecimalOffsets(std::span<const double> values, DecimalScale scale, uint32_t* offsets) {
  HWY_DYNAMIC_DISPATCH(ReadOffsets)(values.data(), values.size(), scale, offsets);
}

void AddDecimalsTo(std::span<const double> values, double power, WordPart part, uint64_t* addends) {
  HWY_DYNAMIC_DISPATCH(AddDecimals)(values.data(), values.size(), power, part, addends);
}

}  // namespace sextant
#endif  // HWY_ONCE
