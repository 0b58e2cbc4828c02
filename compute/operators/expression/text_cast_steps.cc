#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "compute/memory/check.h"
#include "compute/operators/expression/arithmetic_kernels.h"
#include "compute/operators/expression/decimal_number.h"
#include "compute/operators/expression/local_clock.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/calendar.h"
#include "compute/plan/instant_text.h"

namespace sextant {
namespace {

using Text = std::string_view;

// ---- from text: each parser returns nullopt where PostgreSQL would refuse the text.

Text Trimmed(Text text) {
  constexpr Text kSpaces = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == Text::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

template <typename Integer>
std::optional<int64_t> ParseInteger(Text text) {
  text = Trimmed(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Zero, of digits that are not: too small for a float, which PostgreSQL refuses.
bool IsUnderflow(Text text, double value) {
  const Text mantissa = text.substr(0, text.find_first_of("eE"));
  return value == 0 && mantissa.find_first_of("123456789") != Text::npos;
}

std::optional<double> ParseFloat8(Text text) {
  const std::optional<double> value = ParseDouble(text);
  return value && IsUnderflow(text, *value) ? std::nullopt : value;
}
std::optional<double> ParseFloat4(Text text) {
  const std::optional<double> value = ParseFloat(text);
  return value && IsUnderflow(text, *value) ? std::nullopt : value;
}

std::optional<int64_t> ParseBoolean(Text text) {
  const std::optional<bool> value = ParseBool(text);
  if (!value) return std::nullopt;
  return *value ? 1 : 0;
}

std::optional<int64_t> ParseDate(Text text) {
  const absl::StatusOr<int32_t> day = ParseDateDays(text);
  if (!day.ok() || *day < kMinDay) return std::nullopt;
  return *day;
}

template <typename To, std::optional<To> (*kParse)(Text)>
struct Parse {
  uint8_t operator()(Text text, To* result) const {
    const std::optional<To> value = kParse(text);
    *result = value.value_or(To{});
    return value ? 0 : 1;
  }
};

template <typename To>
struct ParseNumeric {
  int scale;
  int128_t limit;
  uint8_t operator()(Text text, To* result) const {
    const std::optional<int128_t> decimal = ParseDecimal(text, scale);
    const int128_t value = decimal.value_or(0);
    if constexpr (std::is_same_v<To, Wide>) {
      *result = StoreInt128(value);
    } else {
      *result = static_cast<int64_t>(value);
    }
    return !decimal || !FitsPrecision(value, limit) ? 1 : 0;
  }
};

template <typename To, std::optional<To> (*kParse)(Text)>
ExpressionStepPtr MakeParse(ExpressionStepPtr argument) {
  return MakeConvert<Text, To>(Parse<To, kParse>{}, std::move(argument));
}

// ---- to text

/// Writes into the arena of the thread: `write(buffer)` returns how many bytes.
template <size_t kMaxBytes, typename Write>
Text WriteText(Write write) {
  TextArena& arena = ThreadTextArena();
  char* const buffer = arena.Allocate(kMaxBytes);
  const size_t size = write(buffer);
  arena.Shrink(buffer, size);
  return {buffer, size};
}

struct IntegerToText {
  uint8_t operator()(int64_t value, Text* result) const {
    *result = WriteText<24>([&](char* buffer) {
      return static_cast<size_t>(std::to_chars(buffer, buffer + 24, value).ptr - buffer);
    });
    return 0;
  }
};

template <typename From>
struct DecimalToText {
  int scale;
  uint8_t operator()(From value, Text* result) const {
    *result = WriteText<kMaxDecimalChars>([&](char* buffer) {
      if constexpr (std::is_same_v<From, Wide>) {
        return FormatDecimal(LoadInt128(value), scale, buffer);
      } else {
        return FormatDecimal(value, scale, buffer);
      }
    });
    return 0;
  }
};

struct BoolToText {
  uint8_t operator()(int64_t value, Text* result) const {
    *result = value != 0 ? "true" : "false";
    return 0;
  }
};

struct UuidToText {
  uint8_t operator()(Wide value, Text* result) const {
    constexpr char kDigits[] = "0123456789abcdef";
    uint8_t bytes[16];
    UuidOfWide(value, bytes);
    *result = WriteText<36>([&](char* buffer) {
      char* end = buffer;
      for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *end++ = '-';
        *end++ = kDigits[bytes[i] >> 4];
        *end++ = kDigits[bytes[i] & 15];
      }
      return static_cast<size_t>(end - buffer);
    });
    return 0;
  }
};

/// ISO, as the equivalent SQL has DateStyle.
struct DateToText {
  uint8_t operator()(int64_t value, Text* result) const {
    constexpr size_t kMaxBytes = 40;
    const CivilDate date = CivilOfDay(std::clamp(value, kMinDay, kMaxDay));
    *result = WriteText<kMaxBytes>([&](char* buffer) {
      const bool is_bc = date.year <= 0;
      const long long year = is_bc ? 1 - date.year : date.year;
      return static_cast<size_t>(std::snprintf(buffer, kMaxBytes, "%04lld-%02d-%02d%s", year,
                                               date.month, date.day, is_bc ? " BC" : ""));
    });
    return 0;
  }
};

struct EnumToText {
  const Dictionary* labels;  // of the pinned table
  uint32_t num_labels;
  uint8_t operator()(int64_t code, Text* result) const {
    const auto index = static_cast<uint64_t>(code);
    *result = index < num_labels ? labels->Entry(static_cast<uint32_t>(index)) : Text();
    return 0;
  }
};

}  // namespace

ExpressionStepPtr MakeCastFromTextStep(const BoundExpression& expression,
                                       ExpressionStepPtr argument) {
  const DataType& type = expression.type;
  switch (type.kind) {
    case TypeKind::kText:
      return argument;
    case TypeKind::kInt16:
      return MakeParse<int64_t, ParseInteger<int16_t>>(std::move(argument));
    case TypeKind::kInt32:
      return MakeParse<int64_t, ParseInteger<int32_t>>(std::move(argument));
    case TypeKind::kInt64:
      return MakeParse<int64_t, ParseInteger<int64_t>>(std::move(argument));
    case TypeKind::kFloat32:
      return MakeParse<double, ParseFloat4>(std::move(argument));
    case TypeKind::kFloat64:
      return MakeParse<double, ParseFloat8>(std::move(argument));
    case TypeKind::kBool:
      return MakeParse<int64_t, ParseBoolean>(std::move(argument));
    case TypeKind::kDate:
      return MakeParse<int64_t, ParseDate>(std::move(argument));
    case TypeKind::kUuid:
      return MakeParse<Wide, ParseUuid>(std::move(argument));
    case TypeKind::kDecimal: {
      const int128_t limit = PowerOfTen(type.precision);
      if (SlotFormOf(type) == SlotForm::kWide) {
        return MakeConvert<Text, Wide>(ParseNumeric<Wide>{type.scale, limit}, std::move(argument));
      }
      return MakeConvert<Text, int64_t>(ParseNumeric<int64_t>{type.scale, limit},
                                        std::move(argument));
    }
    default:
      SEXTANT_CHECK(false) << "no cast from text to " << TypeName(type);
      return nullptr;
  }
}

ExpressionStepPtr MakeCastToTextStep(const BoundExpression& expression, ExpressionStepPtr argument,
                                     const Table& table) {
  const DataType& from = expression.arguments[0].type;
  switch (from.kind) {
    case TypeKind::kText:
      return argument;
    case TypeKind::kBool:
      return MakeConvert<int64_t, Text>(BoolToText{}, std::move(argument));
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return MakeConvert<int64_t, Text>(IntegerToText{}, std::move(argument));
    case TypeKind::kDate:
      return MakeConvert<int64_t, Text>(DateToText{}, std::move(argument));
    case TypeKind::kUuid:
      return MakeConvert<Wide, Text>(UuidToText{}, std::move(argument));
    case TypeKind::kDecimal:
      if (SlotFormOf(from) == SlotForm::kWide) {
        return MakeConvert<Wide, Text>(DecimalToText<Wide>{from.scale}, std::move(argument));
      }
      return MakeConvert<int64_t, Text>(DecimalToText<int64_t>{from.scale}, std::move(argument));
    case TypeKind::kEnum: {
      const ColumnFacts& facts = table.facts(expression.arguments[0].column);
      return MakeConvert<int64_t, Text>(EnumToText{facts.dictionary.get(), facts.dictionary_size},
                                        std::move(argument));
    }
    default:
      SEXTANT_CHECK(false) << "no cast from " << TypeName(from) << " to text";
      return nullptr;
  }
}

}  // namespace sextant
