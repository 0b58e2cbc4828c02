#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "compute/column/column_builder_kinds.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

struct Bounds {
  int64_t min = std::numeric_limits<int64_t>::max();
  int64_t max = std::numeric_limits<int64_t>::min();

  void Extend(int64_t low, int64_t high) {
    min = std::min(min, low);
    max = std::max(max, high);
  }
  bool empty() const { return min > max; }
};

Bounds BoundsOf(std::span<const int64_t> values) {
  Bounds bounds;
  for (const int64_t value : values) bounds.Extend(value, value);
  return bounds;
}

/// Makes the NULL ones of `values` zero; returns the bounds of the others.
Bounds ZeroNulls(std::span<int64_t> values, std::span<const uint64_t> valid) {
  Bounds bounds;
  constexpr Bounds kNone;
  for (size_t word_index = 0; word_index * 64 < values.size(); ++word_index) {
    const uint64_t word = valid[word_index];
    const size_t begin = word_index * 64;
    const size_t count = std::min<size_t>(64, values.size() - begin);
    for (size_t bit = 0; bit < count; ++bit) {
      const int64_t keep = -static_cast<int64_t>(word >> bit & 1);
      const int64_t value = values[begin + bit] & keep;
      values[begin + bit] = value;
      bounds.Extend(value | (kNone.min & ~keep), value | (kNone.max & ~keep));
    }
  }
  return bounds;
}

/// Of values of which the NULL ones are zero.
void FindBlockBounds(std::span<const int64_t> values, std::span<const uint64_t> valid,
                     std::span<BlockBounds> blocks) {
  for (size_t block = 0; block < blocks.size(); ++block) {
    const size_t begin = block * BlockBounds::kBlockRows;
    const size_t end = std::min<size_t>(begin + BlockBounds::kBlockRows, values.size());
    BlockBounds bounds;
    for (size_t row = begin; row < end; ++row) {
      const bool is_null = !valid.empty() && !TestBit(valid, row);
      bounds.min = std::min(bounds.min, is_null ? bounds.min : values[row]);
      bounds.max = std::max(bounds.max, is_null ? bounds.max : values[row]);
    }
    blocks[block] = bounds;
  }
}

/// Whether a block spans, in the mean, so little of what the chunk does that bounds of blocks rule
/// many of them in or out.
bool TellMuch(std::span<const BlockBounds> blocks, const ZoneMap& zone) {
  constexpr double kMostOfSpan = 0.25;
  double sum = 0;
  for (const BlockBounds& block : blocks) {
    if (block.min <= block.max)
      sum += static_cast<double>(block.max) - static_cast<double>(block.min);
  }
  const double span = static_cast<double>(zone.max_integer) - static_cast<double>(zone.min_integer);
  return sum < kMostOfSpan * span * static_cast<double>(blocks.size());
}

uint8_t WidthOfRange(uint64_t range) {
  if (range <= 0xFF) return 1;
  if (range <= 0xFFFF) return 2;
  return range <= 0xFFFFFFFF ? 4 : 8;
}

/// A step of at least `least` that all values are multiples of away from `base`, else 0. Of times
/// that are no whole seconds the first few end the search; of others each takes a division.
uint32_t CommonStep(std::span<const int64_t> values, std::span<const uint64_t> valid, int64_t base,
                    uint64_t least) {
  uint64_t step = 0;
  for (size_t row = 0; row < values.size(); ++row) {
    if (!valid.empty() && !TestBit(valid, row)) continue;
    const uint64_t offset = static_cast<uint64_t>(values[row]) - static_cast<uint64_t>(base);
    if (step != 0 && offset % step == 0) continue;
    step = std::gcd(step, offset);
    if (step != 0 && step < least) return 0;
  }
  // What divides a step is a step as well: of days the hours.
  constexpr uint64_t kHourUs = uint64_t{3'600} * 1'000'000;
  if (step > std::numeric_limits<uint32_t>::max()) step = std::gcd(step, kHourUs);
  return step < least ? 0 : static_cast<uint32_t>(step);
}

template <typename T>
void PackOffsets(std::span<const int64_t> values, std::span<const uint64_t> valid,
                 const ColumnParts& parts, std::span<T> offsets) {
  const auto base = static_cast<uint64_t>(parts.base);
  if (parts.step == 1) {
    for (size_t row = 0; row < values.size(); ++row) {
      offsets[row] = static_cast<T>(static_cast<uint64_t>(values[row]) - base);
    }
  } else {
    for (size_t row = 0; row < values.size(); ++row) {
      offsets[row] = static_cast<T>((static_cast<uint64_t>(values[row]) - base) / parts.step);
    }
  }
  ForEachNull(valid, values.size(), [&](size_t row) { offsets[row] = 0; });
}

class PackedIntegerBuilder final : public IntegerColumnBuilder {
 public:
  PackedIntegerBuilder(DataType type, MemoryBudget& budget)
      : type_(type), budget_(&budget), values_(budget), validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  Layout layout() const override { return Layout::kInteger; }

  absl::Status Append(std::span<const int64_t> values, std::span<const uint64_t> valid) override {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(values.size(), valid));
    SEXTANT_RETURN_IF_ERROR(values_.AppendSpan(values));
    const std::span<int64_t> appended = values_.span().last(values.size());
    const Bounds bounds = valid.empty() ? BoundsOf(appended) : ZeroNulls(appended, valid);
    bounds_.Extend(bounds.min, bounds.max);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->layout = Layout::kInteger;
    parts->num_rows = num_rows();
    parts->zone_map.null_count = validity_.null_count();
    parts->width_bytes = 1;
    if (!bounds_.empty()) {
      parts->base = bounds_.min;
      parts->zone_map.has_bounds = true;
      parts->zone_map.min_integer = bounds_.min;
      parts->zone_map.max_integer = bounds_.max;
      ChooseWidth(*parts);
      const std::span<const int64_t> values = values_.span();
      parts->zone_map.is_sorted =
          parts->zone_map.null_count == 0 && std::is_sorted(values.begin(), values.end());
    }
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    SEXTANT_ASSIGN_OR_RETURN(parts->values,
                             Buffer::Allocate(*budget_, values_.size() * parts->width_bytes));
    Pack(*parts);
    SEXTANT_RETURN_IF_ERROR(BoundBlocks(*parts));
    values_.Clear();
    validity_.Clear();
    bounds_ = Bounds();
    return parts;
  }

 private:
  /// A sorted column is searched, and one of a byte is compared as fast.
  absl::Status BoundBlocks(ColumnParts& parts) const {
    constexpr size_t kLeastBlocks = 4;
    const size_t num_blocks =
        (values_.size() + BlockBounds::kBlockRows - 1) / BlockBounds::kBlockRows;
    const ZoneMap& zone = parts.zone_map;
    if (num_blocks < kLeastBlocks || parts.width_bytes == 1 || zone.is_sorted) {
      return absl::OkStatus();
    }
    SEXTANT_ASSIGN_OR_RETURN(Buffer blocks,
                             Buffer::Allocate(*budget_, num_blocks * sizeof(BlockBounds)));
    FindBlockBounds(values_.span(), validity_.words(), blocks.As<BlockBounds>());
    if (TellMuch(blocks.As<BlockBounds>(), zone)) parts.block_bounds = std::move(blocks);
    return absl::OkStatus();
  }

  /// Times are mostly whole seconds or milliseconds: in these, offsets are narrower.
  void ChooseWidth(ColumnParts& parts) const {
    const uint64_t range = static_cast<uint64_t>(bounds_.max) - static_cast<uint64_t>(bounds_.min);
    parts.width_bytes = WidthOfRange(range);
    if (type_.kind != TypeKind::kTimestamp || parts.width_bytes == 1) return;
    const uint64_t largest_of_narrower =
        parts.width_bytes == 2 ? 0xFF : (parts.width_bytes == 4 ? 0xFFFF : 0xFFFFFFFF);
    const uint64_t least_step = range / (largest_of_narrower + 1) + 1;
    const uint32_t step = CommonStep(values_.span(), validity_.words(), parts.base, least_step);
    if (step == 0) return;
    parts.step = step;
    parts.width_bytes = WidthOfRange(range / step);
  }

  void Pack(ColumnParts& parts) const {
    const std::span<const uint64_t> valid = validity_.words();
    switch (parts.width_bytes) {
      case 1:
        return PackOffsets(values_.span(), valid, parts, parts.values.As<uint8_t>());
      case 2:
        return PackOffsets(values_.span(), valid, parts, parts.values.As<uint16_t>());
      case 4:
        return PackOffsets(values_.span(), valid, parts, parts.values.As<uint32_t>());
      default:
        return PackOffsets(values_.span(), valid, parts, parts.values.As<uint64_t>());
    }
  }

  const DataType type_;
  MemoryBudget* const budget_;
  TrackedVector<int64_t> values_;  // NULL ones are zero
  ValidityBuilder validity_;
  Bounds bounds_;
};

}  // namespace

std::unique_ptr<ColumnBuilder> MakeIntegerColumnBuilder(DataType type, MemoryBudget& budget) {
  return std::make_unique<PackedIntegerBuilder>(type, budget);
}

}  // namespace sextant
