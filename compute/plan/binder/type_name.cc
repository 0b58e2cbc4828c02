#include "compute/plan/binder/type_name.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

struct TypeEntry {
  std::string_view name;
  TypeKind kind;
};
constexpr TypeEntry kTypes[] = {
    {"bool", TypeKind::kBool},
    {"boolean", TypeKind::kBool},
    {"int2", TypeKind::kInt16},
    {"smallint", TypeKind::kInt16},
    {"int4", TypeKind::kInt32},
    {"int", TypeKind::kInt32},
    {"integer", TypeKind::kInt32},
    {"int8", TypeKind::kInt64},
    {"bigint", TypeKind::kInt64},
    {"float4", TypeKind::kFloat32},
    {"real", TypeKind::kFloat32},
    {"float8", TypeKind::kFloat64},
    {"double precision", TypeKind::kFloat64},
    {"numeric", TypeKind::kDecimal},
    {"decimal", TypeKind::kDecimal},
    {"text", TypeKind::kText},
    {"name", TypeKind::kText},
    {"varchar", TypeKind::kText},
    {"character varying", TypeKind::kText},
    {"bpchar", TypeKind::kText},
    {"char", TypeKind::kText},
    {"character", TypeKind::kText},
    {"uuid", TypeKind::kUuid},
    {"json", TypeKind::kJson},
    {"jsonb", TypeKind::kJson},
    {"date", TypeKind::kDate},
    {"timestamptz", TypeKind::kTimestamp},
    {"timestamp with time zone", TypeKind::kTimestamp},
    {"timestamp", TypeKind::kTimestamp},
    {"timestamp without time zone", TypeKind::kTimestamp},
    {"interval", TypeKind::kInterval},
    {"bytea", TypeKind::kBytes},
};
constexpr int kMaxPrecision = 38;
constexpr int kMaxTextLength = 10'485'760;

/// The numbers between the brackets of "name(a, b)", which `name` loses; std::nullopt: malformed.
std::optional<std::vector<int>> TakeModifiers(std::string& name) {
  std::vector<int> modifiers;
  const size_t open = name.find('(');
  if (open == std::string::npos) return modifiers;
  const size_t close = name.find(')', open);
  if (close == std::string::npos) return std::nullopt;
  const std::string inside = name.substr(open + 1, close - open - 1);
  for (const absl::string_view part : absl::StrSplit(inside, ',')) {
    int value = 0;
    if (!absl::SimpleAtoi(part, &value)) return std::nullopt;
    modifiers.push_back(value);
  }
  name.erase(open, close - open + 1);
  return modifiers;
}

/// Lower case, one blank between words, none around them.
std::string Canonical(std::string_view name) {
  const std::string lower = absl::AsciiStrToLower(ToAbsl(name));
  return absl::StrJoin(absl::StrSplit(lower, ' ', absl::SkipWhitespace()), " ");
}

bool SetNumeric(const std::vector<int>& modifiers, NamedType& named) {
  named.type = DataType::Decimal(kMaxPrecision, 0);
  if (modifiers.empty()) return true;
  const int precision = modifiers[0];
  const int scale = modifiers.size() > 1 ? modifiers[1] : 0;
  if (modifiers.size() > 2 || precision < 1 || precision > kMaxPrecision) return false;
  if (scale < 0 || scale > precision) return false;
  named.has_precision = true;
  named.type = DataType::Decimal(precision, scale);
  return true;
}

bool SetText(const std::string& name, const std::vector<int>& modifiers, NamedType& named) {
  const bool is_char = name == "char" || name == "character";
  named.is_blank_padded = is_char || name == "bpchar";
  named.is_varchar = name == "varchar" || name == "character varying";
  if (is_char) named.max_length = 1;
  if (modifiers.empty()) return true;
  if (modifiers.size() > 1 || name == "text" || name == "name") return false;
  if (modifiers[0] < 1 || modifiers[0] > kMaxTextLength) return false;
  named.max_length = modifiers[0];
  return true;
}

}  // namespace

std::optional<NamedType> ParseTypeName(std::string_view name) {
  std::string rest(name);
  const std::optional<std::vector<int>> modifiers = TakeModifiers(rest);
  if (!modifiers) return std::nullopt;
  rest = Canonical(rest);
  for (const TypeEntry& entry : kTypes) {
    if (rest != entry.name) continue;
    NamedType named;
    named.type = DataType::Of(entry.kind);
    if (entry.kind == TypeKind::kDecimal && !SetNumeric(*modifiers, named)) return std::nullopt;
    if (entry.kind == TypeKind::kText && !SetText(rest, *modifiers, named)) return std::nullopt;
    const bool takes_modifiers = entry.kind == TypeKind::kDecimal || entry.kind == TypeKind::kText;
    if (!takes_modifiers && !modifiers->empty()) return std::nullopt;
    named.is_local_time = rest == "timestamp" || rest == "timestamp without time zone";
    return named;
  }
  return std::nullopt;
}

}  // namespace sextant
