#include <utility>

#include "compute/column/column_builder_kinds.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

class PlainWideBuilder final : public WideColumnBuilder {
 public:
  PlainWideBuilder(DataType type, MemoryBudget& budget)
      : type_(type), budget_(&budget), values_(budget), validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  Layout layout() const override { return Layout::kWide; }

  absl::Status Append(std::span<const Wide> values, std::span<const uint64_t> valid) override {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(values.size(), valid));
    SEXTANT_RETURN_IF_ERROR(values_.AppendSpan(values));
    const std::span<Wide> appended = values_.span().last(values.size());
    ForEachNull(valid, values.size(), [&](size_t row) { appended[row] = Wide(); });
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->layout = Layout::kWide;
    parts->num_rows = num_rows();
    parts->width_bytes = sizeof(Wide);
    parts->zone_map.null_count = validity_.null_count();
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    SEXTANT_ASSIGN_OR_RETURN(parts->values, CopyToBuffer(std::as_const(values_).span(), *budget_));
    values_.Clear();
    validity_.Clear();
    return parts;
  }

 private:
  const DataType type_;
  MemoryBudget* const budget_;
  TrackedVector<Wide> values_;  // NULL ones are zero
  ValidityBuilder validity_;
};

}  // namespace

std::unique_ptr<ColumnBuilder> MakeWideColumnBuilder(DataType type, MemoryBudget& budget) {
  return std::make_unique<PlainWideBuilder>(type, budget);
}

}  // namespace sextant
