#include "service/catalog/link_section.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compute/plan/nearest_names.h"
#include "service/catalog/dataset_section.h"

namespace sextant {
namespace {

constexpr char kCondition[] =
    "\"column = column\", several joined by AND; a column may stand behind the name of its dataset "
    "and a point";

/// "pr_issues.pr_id": whose column it is, where that is said, and its name.
struct NamedColumn {
  std::string dataset;
  std::string column;
};

/// Empty where it is no name: one with a blank is in quotes.
std::string Unquoted(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return std::string(text.substr(1, text.size() - 2));
  }
  const bool has_blank = std::any_of(text.begin(), text.end(), absl::ascii_isspace);
  return has_blank ? "" : std::string(text);
}

NamedColumn ReadColumn(absl::string_view text) {
  const size_t point = text.find('.');
  if (point == absl::string_view::npos) return {"", Unquoted(text)};
  return {Unquoted(text.substr(0, point)), Unquoted(text.substr(point + 1))};
}

/// One condition of `key`: its pairs, the column of `left` first.
class ConditionReader {
 public:
  ConditionReader(const YamlSection& link, std::string key, std::vector<std::string> left,
                  std::vector<std::string> right)
      : link_(link), key_(std::move(key)), left_(std::move(left)), right_(std::move(right)) {}

  void Read(std::vector<std::string>& of_left, std::vector<std::string>& of_right) const {
    link_.Require(key_);
    const std::string text = link_.Text(key_);
    if (text.empty()) return;
    const std::string upper = absl::AsciiStrToUpper(text);
    size_t begin = 0;
    while (begin <= text.size()) {
      size_t end = upper.find(" AND ", begin);
      if (end == std::string::npos) end = text.size();
      if (!ReadPair(text.substr(begin, end - begin), of_left, of_right)) {
        return link_.Report(key_, absl::StrCat("'", text, "'"), kCondition);
      }
      begin = end + 5;
    }
  }

 private:
  bool ReadPair(const std::string& text, std::vector<std::string>& of_left,
                std::vector<std::string>& of_right) const {
    const std::vector<std::string> sides = absl::StrSplit(text, '=');
    if (sides.size() != 2) return false;
    NamedColumn left = ReadColumn(sides[0]);
    NamedColumn right = ReadColumn(sides[1]);
    if (left.column.empty() || right.column.empty()) return false;
    for (const NamedColumn* side : {&left, &right}) {
      if (side->dataset.empty() || IsAmong(left_, *side) || IsAmong(right_, *side)) continue;
      std::vector<std::string> allowed = left_;
      allowed.insert(allowed.end(), right_.begin(), right_.end());
      link_.Report(key_, absl::StrCat("a column of '", side->dataset, "'"),
                   absl::StrCat("columns of ", absl::StrJoin(allowed, ", ")));
    }
    // A name that both have says nothing: then the order does.
    const bool is_left_right = IsAmong(right_, left) && !IsAmong(left_, left);
    const bool is_right_left = IsAmong(left_, right) && !IsAmong(right_, right);
    if (is_left_right || is_right_left) std::swap(left, right);
    of_left.push_back(std::move(left.column));
    of_right.push_back(std::move(right.column));
    return true;
  }

  static bool IsAmong(const std::vector<std::string>& names, const NamedColumn& column) {
    return std::find(names.begin(), names.end(), column.dataset) != names.end();
  }

  const YamlSection& link_;
  const std::string key_;
  const std::vector<std::string> left_;
  const std::vector<std::string> right_;
};

LinkDeclaration ReadLink(const YamlSection& section, const std::string& own) {
  YamlSection link = section;
  link.AllowKeys({"name", "dataset", "via", "on", "to", "attributes"});
  CheckName(link, "name");
  link.Require("dataset");
  LinkDeclaration declared;
  declared.name = link.Text("name");
  declared.dataset = link.Text("dataset");
  declared.via = link.Text("via");
  declared.attributes = link.TextList("attributes");
  const std::vector<std::string> others = {declared.dataset, declared.name};
  if (declared.via.empty()) {
    ConditionReader(link, "on", {own}, others).Read(declared.own, declared.other);
    if (link.Has("to")) {
      link.Report("to", "it without 'via'", "'via', the dataset of the bridge, with it");
    }
    return declared;
  }
  ConditionReader(link, "on", {declared.via}, {own}).Read(declared.bridge_own, declared.own);
  ConditionReader(link, "to", {declared.via}, others).Read(declared.bridge_other, declared.other);
  if (!declared.attributes.empty()) {
    link.Report("attributes", "it with 'via'",
                "attributes of a link to one row: without a bridge, to the key of its dataset");
  }
  return declared;
}

std::set<std::string> KeyOf(const DatasetSpec& spec) {
  std::set<std::string> key(spec.key.begin(), spec.key.end());
  key.erase(spec.tenant);
  return key;
}

/// Whether `columns` are what tells rows of a tenant apart.
bool AreKey(const DatasetSpec& spec, const std::vector<std::string>& columns) {
  std::set<std::string> given(columns.begin(), columns.end());
  given.erase(spec.tenant);
  return !spec.key.empty() && given == KeyOf(spec);
}

std::string KeyText(const DatasetSpec& spec) {
  return absl::StrCat("'", spec.name, "' has ",
                      spec.key.empty() ? "none" : absl::StrJoin(spec.key, ", "));
}

class LinkCheck {
 public:
  LinkCheck(const DatasetSpec& spec, const std::vector<const DatasetSpec*>& datasets)
      : spec_(spec), datasets_(datasets) {}

  void Check(const YamlSection& section, const LinkDeclaration& link) const {
    const DatasetSpec* const target = Find(section, "dataset", link.dataset);
    const DatasetSpec* const bridge = link.via.empty() ? nullptr : Find(section, "via", link.via);
    if (target == nullptr || (bridge == nullptr && !link.via.empty())) return;
    if (bridge != nullptr) return;
    if (AreKey(*target, link.other)) return;
    if (!AreKey(spec_, link.own)) {
      return section.Report(
          "on",
          absl::StrCat("columns that are the key of neither dataset: ",
                       absl::StrJoin(link.own, ", "), " = ", absl::StrJoin(link.other, ", ")),
          absl::StrCat("the `key` of the linked dataset, or of this one; ", KeyText(*target), ", ",
                       KeyText(spec_)));
    }
    if (!link.attributes.empty()) {
      section.Report("attributes", "it on a link to many rows",
                     "attributes of a link to the key of its dataset");
    }
  }

 private:
  const DatasetSpec* Find(const YamlSection& section, const std::string& key,
                          const std::string& name) const {
    std::vector<std::string> names;
    for (const DatasetSpec* const dataset : datasets_) {
      if (dataset->name == name) {
        CheckGroup(section, key, *dataset);
        return dataset;
      }
      names.push_back(dataset->name);
    }
    section.Report(key, absl::StrCat("'", name, "'", DidYouMean(name, names)),
                   absl::StrJoin(names, ", "));
    return nullptr;
  }

  void CheckGroup(const YamlSection& section, const std::string& key,
                  const DatasetSpec& dataset) const {
    if (&dataset == &spec_ || (!spec_.group.empty() && dataset.group == spec_.group)) return;
    const auto name_of = [](const DatasetSpec& one) {
      return one.group.empty() ? std::string("no group") : absl::StrCat("group '", one.group, "'");
    };
    section.Report(key,
                   absl::StrCat("'", dataset.name, "' of ", name_of(dataset), ", linked from ",
                                name_of(spec_)),
                   "datasets of one `group`: they are loaded from one snapshot");
  }

  const DatasetSpec& spec_;
  const std::vector<const DatasetSpec*>& datasets_;
};

}  // namespace

std::vector<LinkDeclaration> ReadLinks(const YamlSection& dataset, const std::string& name) {
  std::vector<LinkDeclaration> links;
  std::set<std::string> names;
  for (const YamlSection& section : dataset.Sections("links")) {
    links.push_back(ReadLink(section, name));
    if (!links.back().name.empty() && !names.insert(links.back().name).second) {
      section.Report("name", absl::StrCat("'", links.back().name, "' twice"),
                     "each name once in a dataset");
    }
  }
  return links;
}

void CheckLinks(const YamlSection& dataset, const DatasetSpec& spec,
                const std::vector<const DatasetSpec*>& datasets) {
  const std::vector<YamlSection> sections = dataset.Sections("links");
  for (size_t i = 0; i < sections.size(); ++i) {
    LinkCheck(spec, datasets).Check(sections[i], spec.links[i]);
  }
}

}  // namespace sextant
