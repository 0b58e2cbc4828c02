#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/column/bitmap.h"
#include "compute/column/column_builder_kinds.h"
#include "compute/column/string_store.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

class EnumColumnBuilder final : public StringColumnBuilder {
 public:
  EnumColumnBuilder(const Field& field, std::shared_ptr<const Dictionary> labels,
                    MemoryBudget& budget)
      : field_(field), labels_(std::move(labels)), codes_(budget), validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  Layout layout() const override { return Layout::kCode; }
  std::shared_ptr<const Dictionary> dictionary() const override { return labels_; }

  absl::Status Append(std::span<const std::string_view> values,
                      std::span<const uint64_t> valid) override {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(values.size(), valid));
    SEXTANT_ASSIGN_OR_RETURN(const std::span<uint32_t> codes, codes_.Extend(values.size()));
    for (size_t row = 0; row < values.size(); ++row) {
      if (!valid.empty() && !TestBit(valid, row)) continue;
      codes[row] = labels_->Find(values[row]);
      if (codes[row] == Dictionary::kNoCode) return UnknownLabel(values[row]);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    auto parts = std::make_unique<ColumnParts>();
    parts->type = field_.type;
    parts->num_rows = num_rows();
    parts->zone_map.null_count = validity_.null_count();
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    SEXTANT_RETURN_IF_ERROR(codes_.Seal(validity_.words(), *parts));
    validity_.Clear();
    return parts;
  }

 private:
  absl::Status UnknownLabel(std::string_view value) const {
    return absl::FailedPreconditionError(
        absl::StrCat("column '", field_.name, "': found '", ToAbsl(value),
                     "', which is not among the labels of its enum when it was described: ",
                     absl::StrJoin(field_.enum_labels, ", ")));
  }

  const Field field_;
  const std::shared_ptr<const Dictionary> labels_;
  CodeStore codes_;
  ValidityBuilder validity_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ColumnBuilder>> MakeEnumColumnBuilder(const Field& field,
                                                                     MemoryBudget& budget) {
  SEXTANT_ASSIGN_OR_RETURN(std::shared_ptr<Dictionary> labels, Dictionary::Create(budget));
  for (const std::string& label : field.enum_labels) {
    SEXTANT_RETURN_IF_ERROR(labels->FindOrAppend(label).status());
  }
  return std::make_unique<EnumColumnBuilder>(field, std::move(labels), budget);
}

}  // namespace sextant
