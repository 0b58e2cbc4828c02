#include "compute/plan/link_binder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

/// What may be told apart by a key.
bool IsKeyType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
    case TypeKind::kJson:
    case TypeKind::kInterval:
    case TypeKind::kList:
      return false;
    default:
      return true;
  }
}

bool Compare(const Field& a, const Field& b) {
  if (IsInteger(a.type.kind) && IsInteger(b.type.kind)) return true;
  return a.type == b.type && a.enum_labels == b.enum_labels;
}

class LinkBinder {
 public:
  LinkBinder(std::span<const LinkingDataset> datasets, size_t dataset,
             const LinkDeclaration& declared)
      : datasets_(datasets), dataset_(datasets[dataset]), declared_(declared) {}

  absl::StatusOr<BoundLink> Bind() const {
    BoundLink link;
    link.name = declared_.name;
    if (declared_.name.empty()) return Refuse("no name", "a name");
    SEXTANT_ASSIGN_OR_RETURN(link.target, DatasetNamed(declared_.dataset));
    const LinkingDataset& target = datasets_[link.target];
    SEXTANT_ASSIGN_OR_RETURN(link.own, Columns(dataset_, declared_.own));
    SEXTANT_ASSIGN_OR_RETURN(link.other, Columns(target, declared_.other));
    if (declared_.via.empty()) {
      SEXTANT_RETURN_IF_ERROR(CheckPairs(dataset_, link.own, target, link.other));
      SEXTANT_ASSIGN_OR_RETURN(link.kind, KindOf(link, target));
    } else {
      SEXTANT_ASSIGN_OR_RETURN(link.via, DatasetNamed(declared_.via));
      link.kind = LinkKind::kMany;
      const LinkingDataset& bridge = datasets_[*link.via];
      SEXTANT_ASSIGN_OR_RETURN(link.bridge_own, Columns(bridge, declared_.bridge_own));
      SEXTANT_ASSIGN_OR_RETURN(link.bridge_other, Columns(bridge, declared_.bridge_other));
      SEXTANT_RETURN_IF_ERROR(CheckPairs(bridge, link.bridge_own, dataset_, link.own));
      SEXTANT_RETURN_IF_ERROR(CheckPairs(bridge, link.bridge_other, target, link.other));
    }
    SEXTANT_RETURN_IF_ERROR(CheckTenants(link, target));
    SEXTANT_ASSIGN_OR_RETURN(link.attributes, Attributes(link, target));
    return link;
  }

 private:
  absl::Status Refuse(const std::string& found, const std::string& allowed) const {
    return absl::FailedPreconditionError(absl::StrCat("dataset '", dataset_.name, "': link '",
                                                      declared_.name, "': found ", found,
                                                      "; allowed: ", allowed));
  }

  absl::StatusOr<size_t> DatasetNamed(const std::string& name) const {
    std::vector<std::string> names;
    for (size_t i = 0; i < datasets_.size(); ++i) {
      if (datasets_[i].name == name) return i;
      names.push_back(datasets_[i].name);
    }
    return Refuse(absl::StrCat("the dataset '", name, "'", DidYouMean(name, names)),
                  absl::StrCat("datasets of its group: ", absl::StrJoin(names, ", ")));
  }

  absl::StatusOr<ColumnIndex> ColumnNamed(const LinkingDataset& dataset,
                                          const std::string& name) const {
    if (const auto index = dataset.schema->Find(name)) return *index;
    std::vector<std::string> names;
    for (const Field& field : dataset.schema->fields()) names.push_back(field.name);
    return Refuse(absl::StrCat("the column '", name, "'", DidYouMean(name, names)),
                  absl::StrCat("columns of '", dataset.name, "': ", ListedNames(names)));
  }

  absl::StatusOr<std::vector<ColumnIndex>> Columns(const LinkingDataset& dataset,
                                                   const std::vector<std::string>& names) const {
    std::vector<ColumnIndex> columns;
    for (const std::string& name : names) {
      SEXTANT_ASSIGN_OR_RETURN(const ColumnIndex column, ColumnNamed(dataset, name));
      columns.push_back(column);
    }
    return columns;
  }

  absl::Status CheckPairs(const LinkingDataset& left, const std::vector<ColumnIndex>& left_columns,
                          const LinkingDataset& right,
                          const std::vector<ColumnIndex>& right_columns) const {
    if (left_columns.empty() || left_columns.size() != right_columns.size()) {
      return Refuse(absl::StrCat(left_columns.size(), " columns of '", left.name, "' and ",
                                 right_columns.size(), " of '", right.name, "'"),
                    "pairs of columns, one or more");
    }
    for (size_t i = 0; i < left_columns.size(); ++i) {
      const Field& a = left.schema->field(left_columns[i]);
      const Field& b = right.schema->field(right_columns[i]);
      for (const Field* field : {&a, &b}) {
        if (IsKeyType(field->type)) continue;
        return Refuse(
            absl::StrCat("the column '", field->name, "' of type ", TypeName(field->type)),
            "integers, numeric, text, uuid, enums, dates, times, bool");
      }
      if (Compare(a, b)) continue;
      return Refuse(absl::StrCat("'", left.name, ".", a.name, "' of type ", TypeName(a.type),
                                 " = '", right.name, ".", b.name, "' of type ", TypeName(b.type)),
                    "two columns of one type, or two of integers");
    }
    return absl::OkStatus();
  }

  /// Whether the columns are what tells the rows of a tenant apart.
  static bool AreKey(const Schema& schema, const std::vector<ColumnIndex>& columns) {
    std::set<ColumnIndex> key(schema.key_columns().begin(), schema.key_columns().end());
    std::set<ColumnIndex> given(columns.begin(), columns.end());
    if (key.empty()) return false;
    if (const auto tenant = schema.tenant_column()) {
      key.erase(*tenant);
      given.erase(*tenant);
    }
    return key == given;
  }

  static std::string KeyText(const LinkingDataset& dataset) {
    std::vector<std::string> names;
    for (const ColumnIndex column : dataset.schema->key_columns()) {
      names.push_back(dataset.schema->field(column).name);
    }
    return absl::StrCat("'", dataset.name, "' ",
                        names.empty() ? "declares none" : absl::StrJoin(names, ", "));
  }

  absl::StatusOr<LinkKind> KindOf(const BoundLink& link, const LinkingDataset& target) const {
    if (AreKey(*target.schema, link.other)) return LinkKind::kOne;
    if (AreKey(*dataset_.schema, link.own)) return LinkKind::kMany;
    return Refuse(absl::StrCat("columns that are the key of neither dataset: ",
                               absl::StrJoin(declared_.own, ", "), " = ",
                               absl::StrJoin(declared_.other, ", ")),
                  absl::StrCat("the `key` of the linked dataset (", KeyText(target),
                               "), or that of the dataset itself (", KeyText(dataset_), ")"));
  }

  absl::Status CheckTenants(const BoundLink& link, const LinkingDataset& target) const {
    const bool has_tenant = dataset_.schema->tenant_column().has_value();
    const bool target_has = target.schema->tenant_column().has_value();
    if (!has_tenant && target_has) {
      return Refuse(absl::StrCat("the linked dataset '", target.name, "' with a tenant column"),
                    "a dataset without one, or a tenant column of both");
    }
    if (!link.via) return absl::OkStatus();
    const LinkingDataset& bridge = datasets_[*link.via];
    const bool bridge_has = bridge.schema->tenant_column().has_value();
    if (!has_tenant && bridge_has) {
      return Refuse(absl::StrCat("the bridge '", bridge.name, "' with a tenant column"),
                    "a dataset without one, or a tenant column of both");
    }
    if (target_has && !bridge_has) {
      return Refuse(absl::StrCat("the bridge '", bridge.name, "' without a tenant column"),
                    "one with a tenant column, as the datasets that it connects have");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ColumnIndex>> Attributes(const BoundLink& link,
                                                      const LinkingDataset& target) const {
    if (!declared_.attributes.empty() && link.kind == LinkKind::kMany) {
      return Refuse("attributes of a link to many rows",
                    "attributes of a link to the key of the other dataset; of many rows min, max "
                    "and count, as `derived:` columns");
    }
    SEXTANT_ASSIGN_OR_RETURN(std::vector<ColumnIndex> columns,
                             Columns(target, declared_.attributes));
    std::set<ColumnIndex> seen;
    for (const ColumnIndex column : columns) {
      const Field& field = target.schema->field(column);
      if (!seen.insert(column).second) {
        return Refuse(absl::StrCat("the attribute '", field.name, "' twice"), "each once");
      }
      if (field.type.kind == TypeKind::kList) {
        return Refuse(absl::StrCat("the attribute '", field.name, "', a list"),
                      "columns of single values; exists_in() tests lists of linked rows");
      }
      const std::string name = absl::StrCat(declared_.name, ".", field.name);
      if (dataset_.schema->Find(name)) {
        return Refuse(absl::StrCat("the attribute '", name, "', a column of the dataset"),
                      "another name of the link");
      }
    }
    return columns;
  }

  const std::span<const LinkingDataset> datasets_;
  const LinkingDataset& dataset_;
  const LinkDeclaration& declared_;
};

}  // namespace

absl::StatusOr<std::vector<std::vector<BoundLink>>> BindLinks(
    std::span<const LinkingDataset> datasets) {
  std::vector<std::vector<BoundLink>> links(datasets.size());
  for (size_t i = 0; i < datasets.size(); ++i) {
    for (const LinkDeclaration& declared : datasets[i].links) {
      SEXTANT_ASSIGN_OR_RETURN(BoundLink link, LinkBinder(datasets, i, declared).Bind());
      links[i].push_back(std::move(link));
    }
  }
  return links;
}

absl::StatusOr<std::vector<std::vector<BoundChildColumn>>> BindChildColumns(
    std::span<const LinkingDataset> datasets, const std::vector<std::vector<BoundLink>>& links) {
  std::vector<std::vector<BoundChildColumn>> children(datasets.size());
  for (size_t i = 0; i < datasets.size(); ++i) {
    std::vector<LinkedSchema> targets;
    for (const BoundLink& link : links[i]) {
      targets.push_back({link.name, datasets[link.target].schema.get()});
    }
    std::set<std::string> names;
    for (const ChildDeclaration& declared : datasets[i].children) {
      absl::StatusOr<BoundChildColumn> child =
          BindChildColumn(declared.name, declared.expression, targets);
      if (child.ok() &&
          (datasets[i].schema->Find(declared.name) || !names.insert(declared.name).second)) {
        child = absl::FailedPreconditionError(
            absl::StrCat("derived.", declared.name,
                         ": the dataset has a column of that name; allowed: a new one"));
      }
      if (!child.ok()) {
        return absl::FailedPreconditionError(
            absl::StrCat("dataset '", datasets[i].name, "': ", child.status().message()));
      }
      children[i].push_back(*std::move(child));
    }
  }
  return children;
}

std::vector<std::shared_ptr<const Schema>> LinkedSchemas(
    std::span<const LinkingDataset> datasets, const std::vector<std::vector<BoundLink>>& links,
    const std::vector<std::vector<BoundChildColumn>>& children) {
  std::vector<Schema> schemas;
  std::vector<std::vector<NewSchemaLink>> leads(datasets.size());
  for (size_t i = 0; i < datasets.size(); ++i) {
    const Schema& own = *datasets[i].schema;
    std::vector<Field> fields = own.fields();
    for (const BoundLink& link : links[i]) {
      const LinkingDataset& target = datasets[link.target];
      leads[i].push_back({link.name, target.name, link.kind, link.target, link.via});
      for (const ColumnIndex column : link.attributes) {
        Field field = target.schema->field(column);
        field.name = absl::StrCat(link.name, ".", field.name);
        field.nullable = true;  // not every row has a parent
        field.link = link.name;
        fields.push_back(std::move(field));
      }
    }
    for (const BoundChildColumn& child : children[i]) fields.push_back(child.field);
    schemas.emplace_back(std::move(fields), own.tenant_column(), own.key_columns());
  }
  return WithLinks(std::move(schemas), leads);
}

}  // namespace sextant
