#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/sample_source.h"

namespace sextant {

/// Keys of min and max as unsigned numbers above 0, of which the best is the greatest: then a cell
/// is one number, 0 without a sample, and takes a sample without a branch. Of near integers: how
/// far they are from the least one, or from the greatest, plus 1.
class NearPacking {
 public:
  using Source = OffsetSource;
  using Packed = uint32_t;

  /// -key is ~key + 1.
  NearPacking(const OrderedValue& value, bool is_max)
      : begin_(is_max ? 1 : static_cast<uint32_t>(value.domain) + 1), flip_(is_max ? 0 : kAll) {}

  static bool Holds(const OrderedValue& value) {
    return value.least && value.domain <= std::numeric_limits<uint32_t>::max();
  }
  /// Writes the packed values of the batch's rows, 0 where they are NULL.
  void Read(const OrderedValue& value, const SampleBatch& batch, Packed* __restrict packed) const {
    std::array<uint8_t, kBatchRows> valid;
    const ReadOutcome outcome =
        value.reader.ReadOffsets(*batch.chunk, batch.rows, *value.least, packed, valid.data());
    const uint32_t flip = flip_;
    const uint32_t begin = begin_;
    for (size_t k = 0; k < batch.rows.size(); ++k) packed[k] = begin + (packed[k] ^ flip);
    if (outcome.all_valid) return;
    for (size_t k = 0; k < batch.rows.size(); ++k) packed[k] &= Packed{0} - valid[k];
  }
  uint32_t Unpack(Packed packed) const { return (packed - begin_) ^ flip_; }

 private:
  static constexpr uint32_t kAll = ~uint32_t{0};
  uint32_t begin_;
  uint32_t flip_;  // all bits, or none
};

}  // namespace sextant
