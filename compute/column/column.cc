#include "compute/column/column.h"

#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

bool WidthFits(Layout layout, uint8_t width_bytes) {
  switch (layout) {
    case Layout::kInteger:
      return width_bytes == 1 || width_bytes == 2 || width_bytes == 4 || width_bytes == 8;
    case Layout::kFloat:
      return width_bytes == 4 || width_bytes == 8;
    case Layout::kCode:
      return width_bytes == 1 || width_bytes == 2 || width_bytes == 4;
    case Layout::kWide:
      return width_bytes == 16;
    case Layout::kBytes:
      return width_bytes == 1;
    case Layout::kList:
      return width_bytes == 0;
  }
  return false;
}

void CheckShape(const ColumnParts& parts) {
  const size_t num_rows = parts.num_rows;
  SEXTANT_CHECK(WidthFits(parts.layout, parts.width_bytes))
      << "layout " << static_cast<int>(parts.layout) << " width " << int{parts.width_bytes};
  SEXTANT_CHECK(parts.step == 1 || (parts.step > 1 && parts.width_bytes < 8 &&
                                    parts.type.kind == TypeKind::kTimestamp));
  SEXTANT_CHECK(parts.validity.size_bytes() == 0 ||
                parts.validity.size_bytes() / 8 >= BitmapWords(num_rows));
  if (parts.layout != Layout::kBytes && parts.layout != Layout::kList) {
    SEXTANT_CHECK(parts.values.size_bytes() >= num_rows * parts.width_bytes);
    return;
  }
  SEXTANT_CHECK(parts.offsets.size_bytes() / sizeof(uint32_t) >= num_rows + 1);
  const std::span<const uint32_t> offsets = std::as_const(parts.offsets).As<uint32_t>();
  SEXTANT_CHECK(offsets[0] == 0);
  if (parts.layout == Layout::kBytes) {
    SEXTANT_CHECK(parts.values.size_bytes() >= offsets[num_rows]);
  } else {
    SEXTANT_CHECK(parts.elements != nullptr && parts.elements->num_rows == offsets[num_rows]);
  }
}

/// Calls `read` with a value of the unsigned type of `width_bytes`.
template <typename Read>
auto WithWidth(uint8_t width_bytes, Read read) {
  switch (width_bytes) {
    case 1:
      return read(uint8_t{});
    case 2:
      return read(uint16_t{});
    case 4:
      return read(uint32_t{});
    default:
      return read(uint64_t{});
  }
}

}  // namespace

void ColumnParts::Settle() {
  validity.Settle();
  values.Settle();
  offsets.Settle();
  block_bounds.Settle();
  if (elements != nullptr) elements->Settle();
}

Column::Column(ColumnParts parts) : parts_(std::move(parts)) {
  CheckShape(parts_);
  if (parts_.elements == nullptr) return;
  elements_ = std::make_unique<const Column>(std::move(*parts_.elements));
  parts_.elements.reset();
}

std::span<const uint64_t> Column::validity() const {
  if (!has_nulls()) return {};
  return parts_.validity.As<uint64_t>().first(BitmapWords(parts_.num_rows));
}

int64_t Column::IntegerAt(uint32_t row) const {
  SEXTANT_DCHECK(layout() == Layout::kInteger && row < num_rows());
  const uint64_t offset = WithWidth(
      width_bytes(), [&](auto zero) -> uint64_t { return values<decltype(zero)>()[row]; });
  return static_cast<int64_t>(static_cast<uint64_t>(base()) + step() * offset);
}

double Column::FloatAt(uint32_t row) const {
  SEXTANT_DCHECK(layout() == Layout::kFloat && row < num_rows());
  return width_bytes() == 4 ? double{values<float>()[row]} : values<double>()[row];
}

uint32_t Column::CodeAt(uint32_t row) const {
  SEXTANT_DCHECK(layout() == Layout::kCode && row < num_rows());
  return WithWidth(width_bytes(), [&](auto zero) -> uint32_t {
    return static_cast<uint32_t>(values<decltype(zero)>()[row]);
  });
}

Wide Column::WideAt(uint32_t row) const {
  SEXTANT_DCHECK(layout() == Layout::kWide && row < num_rows());
  return values<Wide>()[row];
}

std::string_view Column::BytesAt(uint32_t row) const {
  SEXTANT_DCHECK(layout() == Layout::kBytes && row < num_rows());
  const std::span<const uint32_t> ends = offsets();
  return {reinterpret_cast<const char*>(parts_.values.data()) + ends[row],
          ends[row + 1] - ends[row]};
}

size_t Column::reserved_bytes() const {
  return parts_.validity.reserved_bytes() + parts_.values.reserved_bytes() +
         parts_.offsets.reserved_bytes() + parts_.block_bounds.reserved_bytes() +
         (elements_ ? elements_->reserved_bytes() : 0);
}

}  // namespace sextant
