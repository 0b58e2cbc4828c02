#include "storage/postgres/query_sql/linked_sources.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/check.h"
#include "storage/postgres/query_sql/predicate_sql.h"

namespace sextant {

SourceRows& LinkedSources::Take(const std::string& dataset, std::shared_ptr<const Schema> schema) {
  std::unique_ptr<SourceRows>& source = sources_[dataset];
  if (source != nullptr) return *source;
  const auto spec = std::find_if(specs_.begin(), specs_.end(),
                                 [&](const DatasetSpec* one) { return one->name == dataset; });
  SEXTANT_CHECK(spec != specs_.end()) << "no spec of the dataset '" << dataset << "'";
  const std::string name = absl::StrCat("linked", sources_.size());
  absl::StatusOr<SourceRows> rows = SourceRows::Create(schema, **spec, name, this, unsupported_);
  if (!rows.ok()) {
    if (status_.ok()) status_ = rows.status();
    static const DatasetSpec& nothing = *new DatasetSpec();
    rows = SourceRows::Create(std::move(schema), nothing, name, this, unsupported_);
  }
  source = std::make_unique<SourceRows>(*std::move(rows));
  return *source;
}

SourceRows& LinkedSources::SourceOf(const SourceRows& from, const std::string& name) {
  const SchemaLink& link = from.schema().links()[*from.schema().FindLink(name)];
  return Take(link.dataset, link.target.lock());
}

SourceRows& LinkedSources::BridgeOf(const SourceRows& from, const std::string& name) {
  const SchemaLink& link = from.schema().links()[*from.schema().FindLink(name)];
  return Take(from.LinkNamed(name).via, link.via.lock());
}

std::string LinkedSources::ExistsSql(SourceRows& from, const std::string& alias,
                                     const ExistsLeaf& leaf) {
  const SchemaLink& link = from.schema().links()[leaf.link];
  const LinkDeclaration& declared = from.LinkNamed(link.name);
  SourceRows& target = SourceOf(from, link.name);
  const std::string row = absl::StrCat("e", ++num_aliases_);
  std::string from_items = absl::StrCat(target.rows_name(), " AS ", row);
  std::vector<std::string> conditions;
  if (declared.via.empty()) {
    for (size_t i = 0; i < declared.own.size(); ++i) {
      conditions.push_back(absl::StrCat(target.ColumnSql(declared.other[i], row), " = ",
                                        from.ColumnSql(declared.own[i], alias)));
    }
  } else {
    SourceRows& bridge = BridgeOf(from, link.name);
    const std::string between = absl::StrCat("e", ++num_aliases_);
    absl::StrAppend(&from_items, ", ", bridge.source_name(), " AS ", between);
    for (size_t i = 0; i < declared.own.size(); ++i) {
      conditions.push_back(absl::StrCat(bridge.ColumnSql(declared.bridge_own[i], between), " = ",
                                        from.ColumnSql(declared.own[i], alias)));
    }
    for (size_t i = 0; i < declared.other.size(); ++i) {
      conditions.push_back(absl::StrCat(target.ColumnSql(declared.other[i], row), " = ",
                                        bridge.ColumnSql(declared.bridge_other[i], between)));
    }
  }
  if (!leaf.children.empty()) {
    conditions.push_back(PredicateSql(target.scope(row), leaf.children[0]));
  }
  return absl::StrCat("EXISTS (SELECT 1 FROM ", from_items, " WHERE ",
                      absl::StrJoin(conditions, " AND "), ")");
}

std::vector<std::string> LinkedSources::CommonTableExpressions(std::span<SourceRows* const> own,
                                                               const TenantClaim& claim) {
  std::vector<std::string> linked;
  // What these read of others are columns of their sources: nothing new comes through links.
  for (SourceRows* const rows : own) {
    if (std::optional<std::string> text = rows->LinkedExpression()) linked.push_back(*text);
  }
  std::vector<SourceRows*> read;
  for (const auto& [dataset, source] : sources_) {
    if (source->is_read()) read.push_back(source.get());
  }
  for (SourceRows* const rows : read) {
    std::optional<std::string> text = rows->LinkedExpression();
    const std::string from = text ? rows->linked_name() : rows->source_name();
    if (text) linked.push_back(*std::move(text));
    linked.push_back(absl::StrCat(rows->rows_name(), " AS (\n  SELECT * FROM ", from, "\n)"));
  }
  std::vector<std::string> expressions;
  for (const auto& [dataset, source] : sources_) {
    expressions.push_back(source->SourceExpression(claim));
  }
  for (const SourceRows* const rows : own) expressions.push_back(rows->SourceExpression(claim));
  expressions.insert(expressions.end(), linked.begin(), linked.end());
  return expressions;
}

}  // namespace sextant
