#include "service/verification/compared_value.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "compute/plan/binder/interval_text.h"
#include "service/verification/answer_comparison.h"
#include "service/verification/answer_text.h"
#include "service/wire/value_text.h"

namespace sextant {
namespace {

constexpr char kNull[] = "NULL";

bool IsAmbiguous(const std::string& text) {
  return text.empty() || text == kNull || text == "no cell" ||
         text.find_first_of(",='") != std::string::npos || text.front() == ' ' ||
         text.back() == ' ';
}

}  // namespace

std::string CutText(std::string text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), "...");
}

ComparedValue ComparedValue::OfCanonical(const DataType& type, std::string text) {
  ComparedValue value;
  value.kind_ = Kind::kValue;
  value.is_text_ =
      type.kind == TypeKind::kText || type.kind == TypeKind::kEnum || type.kind == TypeKind::kJson;
  value.text_ = std::move(text);
  if (type.kind == TypeKind::kInterval) {
    // 1 day is 24 hours (rule 6).
    const absl::StatusOr<IntervalValue> interval = ParseInterval(value.text_);
    if (interval.ok()) value.order_key_ = DecimalText(IntervalOrderKey(*interval), 0);
  }
  return value;
}

ComparedValue ComparedValue::OfResult(const ResultValues& values, uint32_t row) {
  std::optional<std::string> text = TextOfResult(values, row);
  return text ? OfCanonical(values.type, *std::move(text)) : ComparedValue();
}

ComparedValue ComparedValue::OfSource(const DataType& type,
                                      const std::optional<std::string>& text) {
  if (!text) return ComparedValue();
  absl::StatusOr<std::string> canonical = TextOfSource(type, *text);
  if (canonical.ok()) return OfCanonical(type, *std::move(canonical));
  ComparedValue malformed;
  malformed.kind_ = Kind::kMalformed;
  malformed.text_ = *text;
  return malformed;
}

ComparedValue ComparedValue::OfText(std::optional<std::string> text) {
  return text ? OfCanonical(DataType::Of(TypeKind::kText), *std::move(text)) : ComparedValue();
}

std::string ComparedValue::Shown() const {
  if (kind_ == Kind::kNull) return kNull;
  if (!is_text_ || !IsAmbiguous(text_)) return CutText(text_, kMaxShownBytes);
  return CutText(absl::StrCat("'", absl::StrReplaceAll(text_, {{"'", "''"}}), "'"), kMaxShownBytes);
}

void ComparedValue::AppendIdentity(std::string& result) const {
  result.push_back(static_cast<char>(kind_));
  absl::StrAppend(&result, identity().size(), ":", identity());
}

std::string IdentityOf(std::span<const ComparedValue> keys) {
  std::string identity;
  for (const ComparedValue& key : keys) key.AppendIdentity(identity);
  return identity;
}

}  // namespace sextant
