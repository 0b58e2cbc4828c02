#include "compute/plan/metric_parameters.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/interval_text.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

constexpr size_t kMaxValueBytes = 1024;
constexpr size_t kMaxNumberBytes = 64;

struct TypeEntry {
  const char* name;
  const char* sample;
  const char* allowed;
};
constexpr std::array<TypeEntry, 6> kTypes = {{
    {"interval", "1d", "an interval, such as 2d or '36 hours'"},
    {"number", "1", "a number, such as 2 or 0.5"},
    {"text", "a", "a text of at most 1,024 bytes"},
    {"bool", "true", "true or false"},
    {"date", "2000-01-03", "a date, such as 2026-01-31"},
    {"timestamp", "2000-01-03T00:00:00Z", "an instant, such as 2026-01-31T12:00:00Z"},
}};

const TypeEntry& EntryOf(MetricParameter::Type type) { return kTypes[static_cast<size_t>(type)]; }

/// [-]digits[.digits][e[+-]digits]
bool IsNumberText(std::string_view text) {
  const auto take_digits = [&text] {
    size_t count = 0;
    while (count < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[count]))) {
      ++count;
    }
    text.remove_prefix(count);
    return count > 0;
  };
  if (text.size() > kMaxNumberBytes) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (!take_digits()) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits()) return false;
  }
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return take_digits() && text.empty();
}

bool IsOfType(MetricParameter::Type type, const std::string& value) {
  if (value.size() > kMaxValueBytes || value.find('\0') != std::string::npos) return false;
  switch (type) {
    case MetricParameter::Type::kInterval:
      return ParseInterval(value).ok();
    case MetricParameter::Type::kNumber:
      return IsNumberText(value);
    case MetricParameter::Type::kText:
      return true;
    case MetricParameter::Type::kBool:
      return value == "true" || value == "false";
    case MetricParameter::Type::kDate: {
      const absl::StatusOr<DateTimeText> date = ParseDateTime(value);
      return date.ok() && !date->has_time && ParseDateDays(value).ok();
    }
    case MetricParameter::Type::kTimestamp:
      return ParseTimestampTzUs(value, absl::UTCTimeZone()).ok();
  }
  return false;
}

/// As PostgreSQL writes it. The value is of the type.
std::string LiteralText(MetricParameter::Type type, const std::string& value) {
  const std::string quoted = absl::StrCat("'", absl::StrReplaceAll(value, {{"'", "''"}}), "'");
  switch (type) {
    case MetricParameter::Type::kNumber:
    case MetricParameter::Type::kBool:
      return absl::StrCat("(", value, ")");
    case MetricParameter::Type::kText:
      return absl::StrCat("(", quoted, ")");
    case MetricParameter::Type::kInterval:
      return absl::StrCat("(interval ", quoted, ")");
    case MetricParameter::Type::kDate:
      return absl::StrCat("(date ", quoted, ")");
    case MetricParameter::Type::kTimestamp:
      return absl::StrCat("(timestamptz ", quoted, ")");
  }
  return "";
}

bool IsNameStart(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool IsNamePart(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string ListOf(const std::vector<MetricParameter>& parameters) {
  if (parameters.empty()) return "none";
  return absl::StrJoin(parameters, ", ", [](std::string* out, const MetricParameter& parameter) {
    out->append(ParameterText(parameter));
  });
}

absl::Status Unknown(const std::string& name, const std::vector<MetricParameter>& parameters) {
  std::vector<std::string> names;
  for (const MetricParameter& parameter : parameters) names.push_back(parameter.name);
  const std::string shown = name.substr(0, 64);
  return absl::InvalidArgumentError(absl::StrCat("there is no parameter '", shown, "'",
                                                 DidYouMean(shown, names),
                                                 "; allowed: ", ListOf(parameters)));
}

const MetricParameter* Find(const std::vector<MetricParameter>& parameters, std::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [&](const MetricParameter& parameter) { return parameter.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

/// Reads a text of the language for `$name`, as far as PostgreSQL's lexer would let it be one: not
/// in literals, quoted names and comments, where it is text.
class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  /// Calls `replace` with each name and appends what it returns in its place.
  template <typename Replace>
  absl::StatusOr<std::string> Read(const Replace& replace) {
    std::string out;
    while (at_ < text_.size()) {
      const size_t begin = at_;
      if (IsParameter()) {
        size_t end = at_ + 1;
        while (end < text_.size() && IsNamePart(text_[end])) ++end;
        SEXTANT_ASSIGN_OR_RETURN(const std::string constant,
                                 replace(std::string(text_.substr(at_ + 1, end - at_ - 1))));
        out.append(constant);
        at_ = end;
        continue;
      }
      Skip();
      out.append(text_.substr(begin, at_ - begin));
    }
    return out;
  }

 private:
  char Next(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  bool IsParameter() const {
    const bool is_in_name = at_ > 0 && (IsNamePart(text_[at_ - 1]) || text_[at_ - 1] == '$');
    return text_[at_] == '$' && !is_in_name && IsNameStart(Next(1));
  }

  /// What begins here, of which nothing is a parameter.
  void Skip() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') return SkipQuoted(c);
    if (c == '-' && Next(1) == '-') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      return;
    }
    if (c == '/' && Next(1) == '*') return SkipComment();
    ++at_;
  }

  void SkipQuoted(char quote) {
    const bool follows_e = at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
    // Of a word that ends so, as of date'2024-01-01', there are none.
    const bool is_of_word =
        at_ > 1 && (absl::ascii_isalnum(text_[at_ - 2]) || text_[at_ - 2] == '_');
    const bool has_escapes = quote == '\'' && follows_e && !is_of_word;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (has_escapes && text_[at_] == '\\') ++at_;
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  void SkipComment() {
    int depth = 0;
    do {
      if (text_[at_] == '/' && Next(1) == '*') {
        ++depth;
        ++at_;
      } else if (text_[at_] == '*' && Next(1) == '/') {
        --depth;
        ++at_;
      }
      ++at_;
    } while (depth > 0 && at_ < text_.size());
    at_ = std::min(at_, text_.size());
  }

  const std::string_view text_;
  size_t at_ = 0;
};

/// The value of each parameter.
absl::StatusOr<std::map<std::string, std::string>> ValuesOf(
    const std::vector<MetricParameter>& parameters,
    const std::map<std::string, std::string>& given) {
  for (const auto& [name, value] : given) {
    const MetricParameter* const parameter = Find(parameters, name);
    if (parameter == nullptr) return Unknown(name, parameters);
    if (const absl::Status status = CheckParameterValue(parameter->type, value); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("parameter '", name, "': ", std::string(status.message())));
    }
  }
  std::map<std::string, std::string> values = given;
  for (const MetricParameter& parameter : parameters) {
    if (values.contains(parameter.name)) continue;
    if (!parameter.default_value) {
      return absl::InvalidArgumentError(absl::StrCat("no value is given for the parameter '",
                                                     parameter.name,
                                                     "'; allowed: ", ListOf(parameters)));
    }
    values[parameter.name] = *parameter.default_value;
  }
  return values;
}

}  // namespace

std::string ParameterTypeName(MetricParameter::Type type) { return EntryOf(type).name; }

std::optional<MetricParameter::Type> ParameterTypeNamed(std::string_view name) {
  for (size_t i = 0; i < kTypes.size(); ++i) {
    if (name == kTypes[i].name) return static_cast<MetricParameter::Type>(i);
  }
  return std::nullopt;
}

std::string ParameterText(const MetricParameter& parameter) {
  return absl::StrCat(
      parameter.name, " (", ParameterTypeName(parameter.type),
      parameter.default_value ? absl::StrCat(", default ", *parameter.default_value) : "", ")");
}

absl::Status CheckParameterValue(MetricParameter::Type type, const std::string& value) {
  if (IsOfType(type, value)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("found '", value.substr(0, 64), "'; allowed: ", EntryOf(type).allowed));
}

absl::StatusOr<std::string> WithConstants(const std::string& text,
                                          const std::vector<MetricParameter>& parameters,
                                          const std::map<std::string, std::string>& values) {
  if (text.find('$') == std::string::npos) return text;
  return TextReader(text).Read([&](const std::string& name) -> absl::StatusOr<std::string> {
    const MetricParameter* const parameter = Find(parameters, name);
    if (parameter == nullptr) return Unknown(name, parameters);
    return LiteralText(parameter->type, values.at(name));
  });
}

absl::StatusOr<Metric> WithParameters(Metric metric, const std::vector<MetricParameter>& parameters,
                                      const std::map<std::string, std::string>& given) {
  if (parameters.empty() && given.empty()) return metric;
  SEXTANT_ASSIGN_OR_RETURN(const auto values, ValuesOf(parameters, given));
  for (std::string* text : {&metric.expression, &metric.filter, &metric.domain, &metric.derived}) {
    SEXTANT_ASSIGN_OR_RETURN(*text, WithConstants(*text, parameters, values));
  }
  std::vector<std::string*> constants;
  if (metric.threshold) constants.push_back(&metric.threshold->value);
  if (metric.histogram) {
    for (std::string& edge : metric.histogram->edges) constants.push_back(&edge);
  }
  for (std::string* const constant : constants) {
    if (!constant->starts_with('$')) continue;
    const std::string name = constant->substr(1);
    if (Find(parameters, name) == nullptr) return Unknown(name, parameters);
    *constant = values.at(name);
  }
  if (metric.per == nullptr) return metric;
  auto per = std::make_shared<PerKey>(*metric.per);
  for (PerKey::Column& column : per->select) {
    SEXTANT_ASSIGN_OR_RETURN(column.expression,
                             WithConstants(column.expression, parameters, values));
  }
  metric.per = std::move(per);
  return metric;
}

std::map<std::string, std::string> SampleValues(const std::vector<MetricParameter>& parameters) {
  std::map<std::string, std::string> values;
  for (const MetricParameter& parameter : parameters) {
    values[parameter.name] = parameter.default_value.value_or(EntryOf(parameter.type).sample);
  }
  return values;
}

}  // namespace sextant
