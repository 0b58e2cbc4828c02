#include "service/catalog/dataset_section.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "compute/plan/child_column.h"
#include "compute/plan/expression_parser.h"
#include "compute/plan/time_zone.h"
#include "service/catalog/link_section.h"
#include "service/catalog/refused_text.h"

namespace sextant {
namespace {

constexpr size_t kMaxNameBytes = 63;
constexpr char kNameRule[] = "letters, digits, '_' and '-', a letter first, at most 63 characters";

bool IsName(const std::string& text) {
  if (text.empty() || text.size() > kMaxNameBytes || !absl::ascii_isalpha(text.front()))
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; });
}

/// `text` with every ${NAME} replaced, where there is an environment; reports what cannot be.
std::string ReplaceVariables(const YamlSection& section, const std::string& key,
                             const std::string& text,
                             const std::map<std::string, std::string>* environment) {
  std::string replaced;
  size_t position = 0;
  while (true) {
    const size_t start = text.find("${", position);
    replaced += text.substr(position, start == std::string::npos ? start : start - position);
    if (start == std::string::npos) return replaced;
    const size_t end = text.find('}', start);
    if (end == std::string::npos) {
      section.Report(key, "'${' without '}'", "${NAME} of an environment variable");
      return replaced;
    }
    const std::string name = text.substr(start + 2, end - start - 2);
    position = end + 1;
    if (environment == nullptr) {
      replaced += text.substr(start, position - start);
    } else if (const auto variable = environment->find(name); variable != environment->end()) {
      replaced += variable->second;
    } else {
      section.Report(key, absl::StrCat("${", name, "}, which the environment does not have"),
                     "a variable that is set");
    }
  }
}

LoadPriority ReadPriority(const YamlSection& section) {
  const std::string text =
      section.OneOf("priority", {"CRITICAL", "INTERACTIVE", "BATCH", "BACKGROUND"}, "INTERACTIVE");
  if (text == "CRITICAL") return LoadPriority::kCritical;
  if (text == "BATCH") return LoadPriority::kBatch;
  return text == "BACKGROUND" ? LoadPriority::kBackground : LoadPriority::kInteractive;
}

std::map<std::string, std::string> ToMap(const YamlSection& section, const std::string& key) {
  std::map<std::string, std::string> map;
  for (auto& [name, text] : section.TextMap(key)) map.emplace(name, text);
  return map;
}

void ReadColumns(const YamlSection& dataset, DatasetSpec& spec) {
  YamlSection columns = dataset.Section("columns");
  columns.AllowKeys({"include", "types", "zones", "units"}, {"packed"});
  spec.include = columns.TextList("include");
  spec.types = ToMap(columns, "types");
  spec.zones = ToMap(columns, "zones");
  spec.units = ToMap(columns, "units");
  for (const auto& [column, zone] : spec.zones) {
    if (!FindTimeZone(zone).ok()) {
      columns.Section("zones").Report(column, absl::StrCat("'", zone, "'"), "an IANA time zone");
    }
  }
  std::set<std::string> seen;
  for (const std::string& column : spec.include) {
    if (!seen.insert(column).second) {
      columns.Report("include", absl::StrCat("'", column, "' twice"), "each column once");
    }
  }
}

void ReadDerived(const YamlSection& dataset, DatasetSpec& spec) {
  const YamlSection section = dataset.Section("derived");
  std::vector<std::string> links;
  for (const LinkDeclaration& link : spec.links) links.push_back(link.name);
  for (auto& [name, expression] : dataset.TextMap("derived")) {
    if (!IsName(name)) section.Report(name, absl::StrCat("'", name, "'"), kNameRule);
    if (IsChildColumn(expression, links)) {
      spec.children.push_back({name, expression});
      continue;
    }
    const absl::StatusOr<Expression> value = ParseValue(expression, name);
    if (!value.ok()) {
      ReportRefused(section, name, expression, value.status(),
                    "one expression over columns as PostgreSQL writes it, such as a - b");
    }
    spec.derived.push_back({name, expression});
  }
}

}  // namespace

void CheckName(const YamlSection& section, const std::string& key) {
  section.Require(key);
  const std::string name = section.Text(key);
  if (!name.empty() && !IsName(name)) section.Report(key, absl::StrCat("'", name, "'"), kNameRule);
}

SourceSpec ReadSource(const YamlSection& source,
                      const std::map<std::string, std::string>* environment) {
  YamlSection section = source;
  section.AllowKeys({"name", "conninfo", "max_connections"});
  CheckName(section, "name");
  SourceSpec spec;
  spec.name = section.Text("name");
  spec.conninfo = ReplaceVariables(section, "conninfo", section.Text("conninfo"), environment);
  spec.max_connections = static_cast<int>(section.Integer("max_connections", 4, 1, 64));
  return spec;
}

DatasetSpec ReadDataset(const YamlSection& dataset) {
  YamlSection section = dataset;
  section.AllowKeys({"name", "source", "table", "query", "group", "key", "tenant", "required",
                     "priority", "where", "order_by", "columns", "derived", "links"},
                    {"watermark", "deleted", "pushdown"});
  CheckName(section, "name");
  section.Require("source");
  DatasetSpec spec;
  spec.name = section.Text("name");
  spec.source = section.Text("source");
  spec.table = section.Text("table");
  spec.query = section.Text("query");
  if (section.Has("table") && section.Has("query")) {
    section.Report("query", "both 'table' and 'query'", "one of the two");
  } else if (spec.table.empty() && spec.query.empty()) {
    section.Report("", "neither 'table' nor 'query'", "one of the two");
  }
  spec.group = section.Text("group");
  spec.key = section.TextList("key");
  spec.tenant = section.Text("tenant");
  spec.required = section.Bool("required", false);
  spec.priority = ReadPriority(section);
  spec.where = section.Text("where");
  spec.order_by = section.TextList("order_by");
  ReadColumns(section, spec);
  spec.links = ReadLinks(section, spec.name);
  ReadDerived(section, spec);
  if (!spec.tenant.empty() && !spec.include.empty() &&
      std::find(spec.include.begin(), spec.include.end(), spec.tenant) == spec.include.end()) {
    section.Report("columns",
                   absl::StrCat("'include' without the tenant column '", spec.tenant, "'"),
                   "a list that has it");
  }
  return spec;
}

GroupSpec ReadGroup(const YamlSection& group) {
  YamlSection section = group;
  section.AllowKeys({"name", "refresh"});
  CheckName(section, "name");
  GroupSpec spec;
  spec.name = section.Text("name");
  YamlSection refresh = section.Section("refresh");
  refresh.AllowKeys({"mode", "every"}, {"reconcile"});
  refresh.OneOf("mode", {"full"}, "full");
  spec.refresh_every_us = refresh.DurationUs("every");
  return spec;
}

}  // namespace sextant
