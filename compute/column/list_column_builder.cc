#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/column_builder_kinds.h"
#include "compute/column/validity_builder.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr size_t kElementBytes = 8;  // for the estimate of variable_bytes

class OffsetListBuilder final : public ListColumnBuilder {
 public:
  OffsetListBuilder(DataType type, std::unique_ptr<ColumnBuilder> elements, MemoryBudget& budget)
      : type_(type),
        budget_(&budget),
        elements_(std::move(elements)),
        ends_(budget),
        validity_(budget) {}

  uint32_t num_rows() const override { return validity_.num_rows(); }
  size_t variable_bytes() const override {
    return elements_->num_rows() * kElementBytes + elements_->variable_bytes();
  }
  Layout layout() const override { return Layout::kList; }
  std::shared_ptr<const Dictionary> dictionary() const override { return elements_->dictionary(); }
  ColumnBuilder& elements() override { return *elements_; }

  absl::Status Append(std::span<const uint32_t> lengths, std::span<const uint64_t> valid) override {
    SEXTANT_RETURN_IF_ERROR(validity_.Append(lengths.size(), valid));
    SEXTANT_RETURN_IF_ERROR(ends_.Reserve(ends_.size() + lengths.size()));
    ForEachNull(valid, lengths.size(), [&](size_t row) { SEXTANT_CHECK(lengths[row] == 0); });
    for (const uint32_t length : lengths) {
      num_elements_ += length;
      ends_.AppendUnchecked(static_cast<uint32_t>(num_elements_));
    }
    if (num_elements_ > std::numeric_limits<uint32_t>::max()) {
      return absl::ResourceExhaustedError(
          absl::StrCat("list elements of one chunk: ", num_elements_, ", allowed ",
                       std::numeric_limits<uint32_t>::max()));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ColumnParts>> Seal() override {
    SEXTANT_CHECK(elements_->num_rows() == num_elements_)
        << "lengths add up to " << num_elements_ << ", elements are " << elements_->num_rows();
    auto parts = std::make_unique<ColumnParts>();
    parts->type = type_;
    parts->layout = Layout::kList;
    parts->num_rows = num_rows();
    parts->width_bytes = 0;
    parts->zone_map.null_count = validity_.null_count();
    SEXTANT_ASSIGN_OR_RETURN(parts->validity, validity_.Copy());
    SEXTANT_ASSIGN_OR_RETURN(parts->offsets,
                             Buffer::Allocate(*budget_, (ends_.size() + 1) * sizeof(uint32_t)));
    const std::span<uint32_t> offsets = parts->offsets.As<uint32_t>();
    std::copy(ends_.span().begin(), ends_.span().end(), offsets.begin() + 1);
    SEXTANT_ASSIGN_OR_RETURN(parts->elements, elements_->Seal());
    ends_.Clear();
    validity_.Clear();
    num_elements_ = 0;
    return parts;
  }

 private:
  const DataType type_;
  MemoryBudget* const budget_;
  const std::unique_ptr<ColumnBuilder> elements_;
  TrackedVector<uint32_t> ends_;  // of each row
  ValidityBuilder validity_;
  uint64_t num_elements_ = 0;
};

}  // namespace

std::unique_ptr<ColumnBuilder> MakeListColumnBuilder(DataType type,
                                                     std::unique_ptr<ColumnBuilder> elements,
                                                     MemoryBudget& budget) {
  return std::make_unique<OffsetListBuilder>(type, std::move(elements), budget);
}

}  // namespace sextant
