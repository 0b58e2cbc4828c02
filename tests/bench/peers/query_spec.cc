#include "tests/bench/peers/query_spec.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace sextant::peers {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string MemberText(const Json& object, const char* name) {
  return object.contains(name) ? TextOf(object[name]) : std::string();
}

/// A column, [operator, left, right], or {"diff": [later, earlier]}.
std::string ExpressionOf(const Json& value) {
  if (value.is_array()) {
    return absl::StrCat(ExpressionOf(value[1]), " ", TextOf(value[0]), " ", ExpressionOf(value[2]));
  }
  if (value.is_object()) {
    return absl::StrCat(TextOf(value["diff"][0]), " - ", TextOf(value["diff"][1]));
  }
  return TextOf(value);
}

/// Each value, or those of {"prefix", "from", "to", "step"}: both ends included; without a prefix
/// numbers.
void AddValues(const Json& json, FilterSpec& filter) {
  if (json.is_object()) {
    const std::string prefix = json.value("prefix", "");
    filter.is_number = prefix.empty();
    for (int value = json["from"]; value <= json["to"]; value += json.value("step", 1)) {
      filter.values.push_back(absl::StrCat(prefix, value));
    }
    return;
  }
  filter.is_number = !json.empty() && json[0].is_number();
  for (const Json& value : json) filter.values.push_back(TextOf(value));
}

FilterSpec FilterOf(const Json& json) {
  FilterSpec filter;
  filter.column = MemberText(json, "col");
  filter.op = MemberText(json, "op");
  filter.low = MemberText(json, "lo");
  filter.high = MemberText(json, "hi");
  filter.is_number = json.contains("lo") && json["lo"].is_number();
  if (json.contains("value")) {
    filter.is_number = json["value"].is_number();
    filter.values.push_back(TextOf(json["value"]));
  }
  if (json.contains("values")) AddValues(json["values"], filter);
  return filter;
}

KeySpec KeyOf(const Json& json) {
  KeySpec key{MemberText(json, "col"), MemberText(json, "as"), MemberText(json, "fn"),
              MemberText(json, "tz")};
  if (key.name.empty()) key.name = key.column;
  return key;
}

MeasureSpec MeasureOf(const Json& json) {
  MeasureSpec measure;
  measure.name = MemberText(json, "as");
  measure.function = MemberText(json, "fn");
  for (const char* name : {"x", "max", "num"}) {
    if (json.contains(name)) measure.argument = ExpressionOf(json[name]);
  }
  for (const char* name : {"y", "min", "den"}) {
    if (json.contains(name)) measure.second = ExpressionOf(json[name]);
  }
  if (json.contains("where")) {
    for (const Json& filter : json["where"]) measure.where.push_back(FilterOf(filter));
  }
  return measure;
}

QuerySpec SpecOf(const Json& json) {
  QuerySpec spec;
  spec.id = MemberText(json, "id");
  spec.dataset = MemberText(json, "dataset");
  for (const Json& filter : json["filters"]) spec.filters.push_back(FilterOf(filter));
  for (const Json& key : json["keys"]) spec.keys.push_back(KeyOf(key));
  for (const Json& measure : json["measures"]) spec.measures.push_back(MeasureOf(measure));
  spec.is_big = json.value("big", false);
  return spec;
}

bool HasForm(const Json& json) {
  return json.is_object() && json.contains("id") && json.contains("dataset") &&
         json.contains("filters") && json.contains("keys") && json.contains("measures");
}

/// "user-0016" and 3 give "user-0019"; a text without digits at its end stays as it is.
std::string Advanced(const std::string& text, int by) {
  const size_t digits_at = text.find_last_not_of("0123456789") + 1;
  const size_t num_digits = text.size() - digits_at;
  if (num_digits == 0 || num_digits > 9) return text;
  std::string number = std::to_string(std::stoi(text.substr(digits_at)) + by);
  if (number.size() > num_digits) return text;
  number.insert(0, num_digits - number.size(), '0');
  return text.substr(0, digits_at) + number;
}

/// "2024-01-01 00:00:00", of UTC, so many seconds later.
std::string Later(const std::string& instant, int seconds) {
  absl::CivilSecond second;
  std::string text = instant;
  std::replace(text.begin(), text.end(), ' ', 'T');
  if (!absl::ParseCivilTime(text, &second)) return instant;
  text = absl::FormatCivilTime(second + seconds);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

void Vary(FilterSpec& filter, int variation) {
  if (filter.op == "range") {
    filter.low = Later(filter.low, variation);
  } else if (filter.op == "between") {
    filter.high = Advanced(filter.high, variation % 7);
  } else if (filter.values.size() > 1) {
    const std::string other = Advanced(filter.values.back(), 1 + variation % 7);
    if (std::find(filter.values.begin(), filter.values.end(), other) == filter.values.end()) {
      filter.values.back() = other;
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<QuerySpec>> ReadSpecs(const std::string& path, const std::string& only) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("specs: cannot read ", path));
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array() || !std::all_of(json.begin(), json.end(), HasForm)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": found another form; allowed is an array of objects with id, dataset, filters, "
        "keys and measures"));
  }
  std::vector<QuerySpec> specs;
  std::vector<std::string> ids;
  for (const Json& spec : json) {
    ids.push_back(MemberText(spec, "id"));
    if (only.empty() || ids.back() == only) specs.push_back(SpecOf(spec));
  }
  if (specs.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": found '", only, "', allowed: ", absl::StrJoin(ids, ", ")));
  }
  return specs;
}

QuerySpec Varied(QuerySpec spec, int variation) {
  if (variation == 0) return spec;
  for (FilterSpec& filter : spec.filters) Vary(filter, variation);
  return spec;
}

}  // namespace sextant::peers
