#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "compute/column/bitmap.h"
#include "compute/column/column_builder_kinds.h"
#include "compute/column/float_digits.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

/// Whether a float holds the same value, be it -0, an infinity or NaN.
bool IsFloat(double value) {
  constexpr double kMax = std::numeric_limits<float>::max();
  if (std::abs(value) <= kMax) return static_cast<double>(static_cast<float>(value)) == value;
  return std::isinf(value) || std::isnan(value);
}

/// Keeps values in T: float for float4, double for float8. A chunk of doubles that are all floats
/// is sealed as floats.
template <typename T>
class PlainFloatBuilder final : public FloatColumnBuilder {
 public:
  PlainFloatBuilder(DataType type, MemoryBudget& budget)
      : type_(type), budget_(&budget), values_(budget), validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  Layout layout() const override { return Layout::kFloat; }

  absl::Status Append(std::span<const double> values, std::span<const uint64_t> valid) override {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(values.size(), valid));
    const size_t begin = values_.size();
    SEXTANT_RETURN_IF_ERROR(AppendConverted(values));
    if (valid.empty()) {
      ExtendBounds(begin, values.size());
      return absl::OkStatus();
    }
    for (size_t row = 0; row < values.size(); ++row) {
      if (TestBit(valid, row)) {
        ExtendBounds(begin + row, 1);
      } else {
        values_[begin + row] = 0;
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->layout = Layout::kFloat;
    parts->num_rows = num_rows();
    parts->width_bytes = IsNarrow() ? sizeof(float) : sizeof(T);
    parts->zone_map.null_count = validity_.null_count();
    parts->zone_map.has_nan = has_nan_;
    if (min_ <= max_) {
      parts->zone_map.has_bounds = true;
      parts->zone_map.min_float = min_;
      parts->zone_map.max_float = max_;
      if (!has_nan_) parts->zone_map.digits = DigitsOfAll(values_.span(), 0);
    }
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    SEXTANT_ASSIGN_OR_RETURN(parts->values, SealedValues(parts->width_bytes));
    values_.Clear();
    validity_.Clear();
    min_ = std::numeric_limits<T>::infinity();
    max_ = -std::numeric_limits<T>::infinity();
    has_nan_ = false;
    return parts;
  }

 private:
  bool IsNarrow() const {
    if constexpr (sizeof(T) == sizeof(float)) return true;
    return std::all_of(values_.span().begin(), values_.span().end(), IsFloat);
  }

  absl::StatusOr<Buffer> SealedValues(size_t width_bytes) const {
    if (width_bytes == sizeof(T)) return CopyToBuffer(values_.span(), *budget_);
    SEXTANT_ASSIGN_OR_RETURN(Buffer narrow,
                             Buffer::Allocate(*budget_, values_.size() * sizeof(float)));
    std::transform(values_.span().begin(), values_.span().end(), narrow.As<float>().begin(),
                   [](T value) { return static_cast<float>(value); });
    return narrow;
  }

  absl::Status AppendConverted(std::span<const double> values) {
    if constexpr (std::is_same_v<T, double>) {
      return values_.AppendSpan(values);
    } else {
      SEXTANT_RETURN_IF_ERROR(values_.Reserve(values_.size() + values.size()));
      for (const double value : values) values_.AppendUnchecked(static_cast<T>(value));
      return absl::OkStatus();
    }
  }

  void ExtendBounds(size_t begin, size_t count) {
    T min = min_;
    T max = max_;
    bool has_nan = has_nan_;
    for (const T value : values_.span().subspan(begin, count)) {
      min = value < min ? value : min;  // false for NaN
      max = value > max ? value : max;
      has_nan |= value != value;
    }
    min_ = min;
    max_ = max;
    has_nan_ = has_nan;
  }

  const DataType type_;
  MemoryBudget* const budget_;
  TrackedVector<T> values_;  // NULL ones are zero
  ValidityBuilder validity_;
  T min_ = std::numeric_limits<T>::infinity();
  T max_ = -std::numeric_limits<T>::infinity();
  bool has_nan_ = false;
};

}  // namespace

std::unique_ptr<ColumnBuilder> MakeFloatColumnBuilder(DataType type, MemoryBudget& budget) {
  if (type.kind == TypeKind::kFloat32) {
    return std::make_unique<PlainFloatBuilder<float>>(type, budget);
  }
  return std::make_unique<PlainFloatBuilder<double>>(type, budget);
}

}  // namespace sextant
