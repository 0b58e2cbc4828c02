#include "service/catalog/yaml_section.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

std::string JoinNames(const std::vector<std::string>& names) { return absl::StrJoin(names, ", "); }

std::vector<std::string> ToStrings(std::initializer_list<std::string_view> names) {
  return std::vector<std::string>(names.begin(), names.end());
}

struct DurationUnit {
  std::string_view suffix;
  int64_t microseconds;
};

// Longer suffixes first: "ms" ends in "s".
constexpr DurationUnit kDurationUnits[] = {
    {"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
constexpr int64_t kMaxDurationCount = 1'000'000;

std::optional<int64_t> ParseDurationUs(std::string_view text) {
  for (const DurationUnit& unit : kDurationUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    const std::string_view digits = text.substr(0, text.size() - unit.suffix.size());
    const bool only_digits =
        !digits.empty() &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    int64_t count = 0;
    if (!only_digits || !absl::SimpleAtoi(ToAbsl(digits), &count)) return std::nullopt;
    if (count <= 0 || count > kMaxDurationCount) return std::nullopt;
    return count * unit.microseconds;
  }
  return std::nullopt;
}

}  // namespace

std::string Describe(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return "nothing";
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  const std::string& text = node.Scalar();
  constexpr size_t kShownBytes = 60;
  if (text.size() <= kShownBytes) return absl::StrCat("'", text, "'");
  return absl::StrCat("'", text.substr(0, kShownBytes), "...'");
}

YamlSection::YamlSection(std::string file, std::string path, YAML::Node node,
                         std::vector<CatalogError>& errors)
    : file_(std::move(file)), path_(std::move(path)), node_(std::move(node)), errors_(&errors) {
  if (node_.IsNull()) {
    node_ = YAML::Node(YAML::NodeType::Map);
    return;
  }
  if (!node_.IsMap()) {
    Report("", Describe(node_), "a mapping");
    node_ = YAML::Node(YAML::NodeType::Map);
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) {
      errors_->push_back(
          {file_, LineOf(entry.first), path_, Describe(entry.first), "a text as key"});
    } else if (!seen.insert(entry.first.Scalar()).second) {
      errors_->push_back({file_, LineOf(entry.first), PathOf(entry.first.Scalar()),
                          "the same key a second time", "each key once"});
    }
  }
}

void YamlSection::AllowKeys(std::initializer_list<std::string_view> known,
                            std::initializer_list<std::string_view> later) {
  const std::vector<std::string> names = ToStrings(known);
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) continue;
    const std::string& key = entry.first.Scalar();
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const int line = LineOf(entry.first);
    if (std::find(later.begin(), later.end(), key) != later.end()) {
      errors_->push_back(
          {file_, line, PathOf(key), "a key that this version does not support", JoinNames(names)});
      continue;
    }
    const std::vector<std::string> nearest = NearestNames(key, names, 1);
    const std::string hint =
        nearest.empty() ? "" : absl::StrCat(" (did you mean '", nearest.front(), "'?)");
    errors_->push_back(
        {file_, line, PathOf(key), absl::StrCat("an unknown key", hint), JoinNames(names)});
  }
}

int YamlSection::LineOf(const YAML::Node& node) {
  return node.IsDefined() && !node.Mark().is_null() ? node.Mark().line + 1 : 0;
}

std::string YamlSection::PathOf(const std::string& key) const {
  if (key.empty()) return path_;
  return path_.empty() ? key : absl::StrCat(path_, ".", key);
}

YAML::Node YamlSection::Child(const std::string& key) const {
  const YAML::Node& node = node_;  // the const operator[] does not insert
  return node[key];
}

bool YamlSection::Has(const std::string& key) const {
  const YAML::Node child = Child(key);
  return child.IsDefined() && !child.IsNull();
}

void YamlSection::Report(const std::string& key, std::string found, std::string allowed) const {
  int line = LineOf(node_);
  if (!key.empty()) {
    const YAML::Node child = Child(key);
    if (child.IsDefined() && LineOf(child) > 0) line = LineOf(child);
  }
  errors_->push_back({file_, line, PathOf(key), std::move(found), std::move(allowed)});
}

void YamlSection::Require(const std::string& key) const {
  const YAML::Node child = Child(key);
  if (!Has(key) || (child.IsScalar() && child.Scalar().empty()))
    Report(key, "nothing", "a value: it is required");
}

std::optional<std::string> YamlSection::Scalar(const std::string& key, const char* allowed) const {
  if (!Has(key)) return std::nullopt;
  const YAML::Node child = Child(key);
  if (!child.IsScalar()) {
    Report(key, Describe(child), allowed);
    return std::nullopt;
  }
  return child.Scalar();
}

std::string YamlSection::Text(const std::string& key) const {
  return Scalar(key, "a text").value_or("");
}

bool YamlSection::Bool(const std::string& key, bool fallback) const {
  const std::optional<std::string> text = Scalar(key, "true or false");
  if (!text.has_value()) return fallback;
  if (*text == "true") return true;
  if (*text != "false") Report(key, Describe(Child(key)), "true or false");
  return false;
}

int64_t YamlSection::Integer(const std::string& key, int64_t fallback, int64_t min,
                             int64_t max) const {
  const std::string allowed = absl::StrCat("a whole number from ", min, " to ", max);
  const std::optional<std::string> text = Scalar(key, allowed.c_str());
  if (!text.has_value()) return fallback;
  int64_t value = 0;
  if (absl::SimpleAtoi(*text, &value) && value >= min && value <= max) return value;
  Report(key, Describe(Child(key)), allowed);
  return fallback;
}

std::optional<int64_t> YamlSection::DurationUs(const std::string& key) const {
  constexpr char kAllowed[] =
      "a duration from 1ms, such as 250ms, 5s, 10m, 1h or 1d; of any unit 1 to 1000000";
  const std::optional<std::string> text = Scalar(key, kAllowed);
  if (!text.has_value()) return std::nullopt;
  const std::optional<int64_t> duration_us = ParseDurationUs(*text);
  if (!duration_us.has_value()) Report(key, Describe(Child(key)), kAllowed);
  return duration_us;
}

bool YamlSection::IsList(const std::string& key) const {
  return Has(key) && Child(key).IsSequence();
}

std::vector<std::string> YamlSection::TextList(const std::string& key) const {
  std::vector<std::string> texts;
  if (!Has(key)) return texts;
  const YAML::Node child = Child(key);
  if (!child.IsSequence()) {
    Report(key, Describe(child), "a list of texts");
    return texts;
  }
  for (size_t i = 0; i < child.size(); ++i) {
    if (child[i].IsScalar()) {
      texts.push_back(child[i].Scalar());
    } else {
      errors_->push_back({file_, LineOf(child[i]), absl::StrCat(PathOf(key), "[", i, "]"),
                          Describe(child[i]), "a text"});
    }
  }
  return texts;
}

std::vector<std::string> YamlSection::Keys() const {
  std::vector<std::string> keys;
  for (const auto& entry : node_) {
    if (entry.first.IsScalar()) keys.push_back(entry.first.Scalar());
  }
  return keys;
}

std::vector<std::pair<std::string, std::string>> YamlSection::TextMap(
    const std::string& key) const {
  std::vector<std::pair<std::string, std::string>> texts;
  if (!Has(key)) return texts;
  const YamlSection section = Section(key);
  for (const auto& entry : section.node_) {
    if (!entry.first.IsScalar()) continue;
    const std::string& name = entry.first.Scalar();
    if (entry.second.IsScalar()) {
      texts.emplace_back(name, entry.second.Scalar());
    } else {
      section.Report(name, Describe(entry.second), "a text");
    }
  }
  return texts;
}

std::string YamlSection::OneOf(const std::string& key,
                               std::initializer_list<std::string_view> allowed,
                               std::string_view fallback) const {
  const std::string names = JoinNames(ToStrings(allowed));
  const std::optional<std::string> text = Scalar(key, names.c_str());
  if (!text.has_value()) return std::string(fallback);
  if (std::find(allowed.begin(), allowed.end(), *text) != allowed.end()) return *text;
  Report(key, Describe(Child(key)), names);
  return std::string(fallback);
}

YamlSection YamlSection::Section(const std::string& key) const {
  // yaml-cpp's node of an absent key can be asked, but not assigned to.
  YAML::Node child = Has(key) ? Child(key) : YAML::Node(YAML::NodeType::Map);
  return YamlSection(file_, PathOf(key), child, *errors_);
}

std::vector<YamlSection> YamlSection::Sections(const std::string& key) const {
  std::vector<YamlSection> sections;
  if (!Has(key)) return sections;
  const YAML::Node child = Child(key);
  if (!child.IsSequence()) {
    Report(key, Describe(child), "a list of mappings");
    return sections;
  }
  for (size_t i = 0; i < child.size(); ++i) {
    sections.emplace_back(file_, absl::StrCat(PathOf(key), "[", i, "]"), child[i], *errors_);
  }
  return sections;
}

}  // namespace sextant
