#include "service/verification/answer_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/interval_text.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/instant_text.h"
#include "service/verification/array_text.h"
#include "service/wire/value_text.h"

namespace sextant {
namespace {

std::string FloatText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value == 0 ? 0.0 : value).ptr;
  return std::string(buffer, end);
}

/// As PostgreSQL prints an instant in UTC.
std::string InstantText(int64_t instant_us) {
  std::string text = FormatInstant(instant_us, absl::UTCTimeZone());
  const size_t separator = text.find('T');
  if (separator != std::string::npos) text[separator] = ' ';
  return text;
}

/// Equal intervals may be written differently (rule 6), and either side may show any of them: here
/// 30 days are a month and 24 hours a day.
std::string ComparedIntervalText(const IntervalValue& interval) {
  constexpr int64_t kDayUs = 86'400'000'000;
  const int128_t key = IntervalOrderKey(interval);
  const int128_t months = key / kDayUs / 30;
  if (months != static_cast<int32_t>(months)) return IntervalText(interval);
  return IntervalText({.months = static_cast<int32_t>(months),
                       .days = static_cast<int32_t>(key / kDayUs % 30),
                       .microseconds = static_cast<int64_t>(key % kDayUs)});
}

std::string IntegerText(const DataType& type, int64_t value) {
  switch (type.kind) {
    case TypeKind::kBool:
      return value != 0 ? "t" : "f";
    case TypeKind::kDate:
      return DateText(value);
    case TypeKind::kTimestamp:
      return InstantText(value);
    case TypeKind::kDecimal:
      return DecimalText(value, type.scale);
    default:
      return absl::StrCat(value);
  }
}

std::string ListText(const ResultLists& lists, uint32_t row) {
  ArrayElements elements;
  for (uint32_t at = lists.offsets[row]; at < lists.offsets[row + 1]; ++at) {
    elements.push_back(TextOfResult(*lists.elements, at));
  }
  return ArrayText(elements);
}

/// Each element in its one form; nullopt when it is no list of `element`.
std::optional<std::string> ListTextOfSource(const DataType& element, const std::string& text) {
  std::optional<ArrayElements> elements = ParseArrayText(text);
  if (!elements) return std::nullopt;
  for (std::optional<std::string>& value : *elements) {
    if (!value) continue;
    absl::StatusOr<std::string> canonical = TextOfSource(element, *value);
    if (!canonical.ok()) return std::nullopt;
    value = *std::move(canonical);
  }
  return ArrayText(*elements);
}

}  // namespace

std::optional<std::string> TextOfResult(const ResultValues& values, uint32_t row) {
  if (values.valid[row] == 0) return std::nullopt;
  if (const auto* integers = std::get_if<std::vector<int64_t>>(&values.values)) {
    return IntegerText(values.type, (*integers)[row]);
  }
  if (const auto* floats = std::get_if<std::vector<double>>(&values.values)) {
    return FloatText((*floats)[row]);
  }
  if (const auto* texts = std::get_if<ResultTexts>(&values.values)) {
    const std::string_view text = (*texts)[row];
    return values.type.kind == TypeKind::kBytes ? BytesText(text) : std::string(text);
  }
  if (const auto* wides = std::get_if<std::vector<Wide>>(&values.values)) {
    if (values.type.kind == TypeKind::kInterval) {
      return ComparedIntervalText(IntervalOfWide((*wides)[row]));
    }
    return WideText(values.type, (*wides)[row]);
  }
  return ListText(std::get<ResultLists>(values.values), row);
}

absl::StatusOr<std::string> TextOfSource(const DataType& type, const std::string& text) {
  const auto malformed = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text.substr(0, 64), "' is no ", TypeName(type)));
  };
  switch (type.kind) {
    case TypeKind::kFloat32: {
      // Its shortest text is that of no double.
      const std::optional<double> value = ParseFloat(text);
      if (!value) return malformed();
      return FloatText(*value);
    }
    case TypeKind::kFloat64:
    case TypeKind::kDuration: {
      const std::optional<double> value = ParseDouble(text);
      if (!value) return malformed();
      return FloatText(*value);
    }
    case TypeKind::kDecimal: {
      const std::optional<ScaledDecimal> value = ParseScaledDecimal(text, type.scale);
      if (!value) return malformed();
      return value->exact ? DecimalText(value->floor, type.scale) : text;
    }
    case TypeKind::kTimestamp: {
      SEXTANT_ASSIGN_OR_RETURN(const int64_t instant_us,
                               ParseTimestampTzUs(text, absl::UTCTimeZone()));
      return InstantText(instant_us);
    }
    case TypeKind::kInterval: {
      SEXTANT_ASSIGN_OR_RETURN(const IntervalValue interval, ParseInterval(text));
      return ComparedIntervalText(interval);
    }
    case TypeKind::kList: {
      std::optional<std::string> list = ListTextOfSource(type.ElementType(), text);
      if (!list) return malformed();
      return *std::move(list);
    }
    default:
      return text;
  }
}

double FloatOfText(const std::string& text) { return ParseDouble(text).value_or(std::nan("")); }

}  // namespace sextant
