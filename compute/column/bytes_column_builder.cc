#include <utility>

#include "compute/column/column_builder_kinds.h"
#include "compute/column/string_store.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

class BytesColumnBuilder final : public StringColumnBuilder {
 public:
  BytesColumnBuilder(DataType type, MemoryBudget& budget)
      : type_(type), strings_(budget), validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  size_t variable_bytes() const override { return strings_.size_bytes(); }
  Layout layout() const override { return Layout::kBytes; }

  absl::Status Append(std::span<const std::string_view> values,
                      std::span<const uint64_t> valid) override {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(values.size(), valid));
    return strings_.Append(values, valid);
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->num_rows = num_rows();
    parts->zone_map.null_count = validity_.null_count();
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    SEXTANT_RETURN_IF_ERROR(strings_.Seal(*parts));
    validity_.Clear();
    return parts;
  }

 private:
  const DataType type_;
  StringStore strings_;
  ValidityBuilder validity_;
};

}  // namespace

std::unique_ptr<ColumnBuilder> MakeBytesColumnBuilder(DataType type, MemoryBudget& budget) {
  return std::make_unique<BytesColumnBuilder>(type, budget);
}

}  // namespace sextant
