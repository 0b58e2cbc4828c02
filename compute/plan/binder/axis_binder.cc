#include "compute/plan/binder/axis_binder.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/catalog_fault.h"
#include "compute/plan/binder/literal_text.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/binder/result_name.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr int kMaxBinDigits = 18;

/// Whether `name`, which no column has, was meant to be computed.
bool IsExpression(const std::string& name) {
  return name.find_first_of("()+*/%|") != std::string::npos || name.find("::") != std::string::npos;
}

std::string Shown(const std::string& text) { return absl::StrCat("'", text.substr(0, 64), "'"); }

/// The least and the greatest edge that the result column holds, scaled as it.
std::pair<int64_t, int64_t> EdgesOf(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kInt16:
      return {std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max()};
    case TypeKind::kInt32:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
    case TypeKind::kDecimal: {
      int64_t end = 1;
      for (int digit = 0; digit < type.precision; ++digit) end *= 10;
      return {1 - end, end - 1};
    }
    default:
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  }
}

absl::Status RefuseEdge(const std::string& field, const std::string& edge, const DataType& type) {
  return FieldError(field, absl::StrCat("found the edge ", Shown(edge), "; allowed: numbers that ",
                                        TypeName(type), " holds exactly"));
}

absl::Status BindExactEdge(const std::string& text, const std::string& field, BoundAxis& axis) {
  const int scale = axis.type.kind == TypeKind::kDecimal ? axis.type.scale : 0;
  const std::optional<ScaledDecimal> edge = ParseScaledDecimal(text, scale);
  const auto [least, greatest] = EdgesOf(axis.type);
  if (!edge || !edge->exact || edge->floor < least || edge->floor > greatest) {
    return RefuseEdge(field, text, axis.type);
  }
  axis.edges.push_back(static_cast<int64_t>(edge->floor));
  return absl::OkStatus();
}

absl::Status BindFloatEdge(const std::string& text, const std::string& field, BoundAxis& axis) {
  const std::optional<double> edge = ParseDouble(text);
  if (!edge || *edge != *edge) return RefuseEdge(field, text, axis.type);
  axis.float_edges.push_back(*edge);
  return absl::OkStatus();
}

absl::Status BindEdges(const GroupAxis& wanted, const std::string& field, BoundAxis& axis) {
  if (wanted.edges.size() < 2 || wanted.edges.size() > kMaxBinEdges) {
    const size_t num_edges = wanted.edges.size();
    return FieldError(field, absl::StrCat("found ", num_edges, num_edges == 1 ? " edge" : " edges",
                                          "; allowed: 2 to ", kMaxBinEdges));
  }
  const bool is_float = IsFloat(axis.type.kind);
  if (!is_float && !IsInteger(axis.type.kind) &&
      (axis.type.kind != TypeKind::kDecimal || axis.type.precision > kMaxBinDigits)) {
    return FieldError(
        field, absl::StrCat("bins of '", wanted.column, "', which is ", TypeName(axis.type),
                            "; allowed: integers, floats and numeric of up to ", kMaxBinDigits,
                            " digits"));
  }
  if (is_float) axis.type = DataType::Of(TypeKind::kFloat64);
  for (size_t i = 0; i < wanted.edges.size(); ++i) {
    const std::string edge_field = absl::StrCat(field, "[", i, "]");
    SEXTANT_RETURN_IF_ERROR(is_float ? BindFloatEdge(wanted.edges[i], edge_field, axis)
                                     : BindExactEdge(wanted.edges[i], edge_field, axis));
    if (i == 0) continue;
    const bool ascends = is_float ? axis.float_edges[i - 1] < axis.float_edges[i]
                                  : axis.edges[i - 1] < axis.edges[i];
    if (ascends) continue;
    return FieldError(edge_field,
                      absl::StrCat("found the edge ", Shown(wanted.edges[i]), " after ",
                                   Shown(wanted.edges[i - 1]), "; allowed: ascending edges"));
  }
  return absl::OkStatus();
}

class AxisBinder {
 public:
  AxisBinder(const GroupAxis& wanted, std::string field, const BindScope& scope)
      : wanted_(wanted), field_(std::move(field)), scope_(scope) {}

  /// The axis in dataset `dataset`.
  absl::StatusOr<BoundAxis> Bind(size_t dataset) const {
    BoundAxis axis;
    axis.kind = wanted_.kind;
    axis.name = wanted_.name.empty() ? wanted_.column : wanted_.name;
    if (!wanted_.name.empty()) {
      SEXTANT_RETURN_IF_ERROR(CheckResultName(wanted_.name, NameField()));
    }
    if (wanted_.kind == GroupAxis::Kind::kSets) {
      SEXTANT_RETURN_IF_ERROR(BindMembers(dataset, axis));
      return axis;
    }
    const std::string column_field =
        absl::StrCat(field_, wanted_.kind == GroupAxis::Kind::kBins ? ".bins.column" : ".column");
    SEXTANT_RETURN_IF_ERROR(scope_.CheckName(wanted_.column, column_field));
    const Schema& schema = scope_.contexts()[dataset].schema;
    const std::string name = scope_.ColumnOf(wanted_.column, dataset);
    if (!schema.Find(name) && IsExpression(name)) {
      return FieldError(column_field,
                        absl::StrCat("found the expression ", Shown(name),
                                     "; allowed: a column; declare the expression under `derived:` "
                                     "of the dataset, or group by sets of conditions"));
    }
    SEXTANT_ASSIGN_OR_RETURN(axis.column, ResolveColumn(schema, name, column_field, -1));
    axis.type = schema.field(axis.column).type;
    if (wanted_.kind == GroupAxis::Kind::kBins) {
      SEXTANT_RETURN_IF_ERROR(BindEdges(wanted_, absl::StrCat(field_, ".bins.edges"), axis));
      return axis;
    }
    if (axis.type.kind == TypeKind::kList) {
      axis.is_list = true;
      axis.type = axis.type.ElementType();
    }
    if (IsGroupable(axis.type.kind)) return axis;
    return FieldError(column_field,
                      absl::StrCat("the column '", name, "' is ", TypeName(axis.type),
                                   ", which has no equality; allowed: every other type"));
  }

 private:
  std::string NameField() const {
    static constexpr const char* kFields[] = {".column", ".bins.name", ".sets.name"};
    return absl::StrCat(field_, kFields[static_cast<size_t>(wanted_.kind)]);
  }

  /// Of sets that are zipped: number i of each, all of which a row must be in.
  absl::Status BindZipped(size_t dataset, BoundAxis& axis) const {
    const std::string field = absl::StrCat(field_, ".zip");
    if (!wanted_.members.empty() || wanted_.zipped.size() > kMaxSetMembers) {
      return FieldError(field, absl::StrCat("found members, or ", wanted_.zipped.size(),
                                            " sets; allowed: 1 to ", kMaxSetMembers, " sets"));
    }
    for (size_t i = 0; i < wanted_.zipped.size(); ++i) {
      const AxisBinder binder(wanted_.zipped[i], absl::StrCat(field, "[", i, "]"), scope_);
      SEXTANT_ASSIGN_OR_RETURN(BoundAxis one, binder.Bind(dataset));
      if (one.kind != GroupAxis::Kind::kSets) {
        return FieldError(absl::StrCat(field, "[", i, "]"), "found no set; allowed: sets");
      }
      if (i == 0) {
        if (axis.name.empty()) axis.name = one.name;
        axis.type = one.type;
        axis.members = std::move(one.members);
        continue;
      }
      if (one.members.size() != axis.members.size()) {
        return FieldError(
            absl::StrCat(field, "[", i, "]"),
            absl::StrCat("the set ", Shown(one.name), " has ", one.members.size(),
                         " members, and the first one has ", axis.members.size(),
                         "; allowed: as many, since member i of one goes with member i of the "
                         "other"));
      }
      for (size_t j = 0; j < one.members.size(); ++j) {
        axis.members[j].condition =
            Conjunction(std::move(axis.members[j].condition), std::move(one.members[j].condition));
      }
    }
    return absl::OkStatus();
  }

  absl::Status BindMembers(size_t dataset, BoundAxis& axis) const {
    if (!wanted_.zipped.empty()) return BindZipped(dataset, axis);
    const std::string field = absl::StrCat(field_, ".sets");
    if (axis.name.empty()) {
      return FieldError(absl::StrCat(field, ".name"),
                        "no name is given; allowed: that of a column "
                        "of the result");
    }
    if (wanted_.members.empty() || wanted_.members.size() > kMaxSetMembers) {
      return FieldError(field, absl::StrCat("found ", wanted_.members.size(),
                                            " members; allowed: 1 to ", kMaxSetMembers));
    }
    axis.type = DataType::Of(TypeKind::kText);
    std::set<std::string> names;
    for (size_t i = 0; i < wanted_.members.size(); ++i) {
      const SetMember& member = wanted_.members[i];
      const std::string path = absl::StrCat(field, ".members[", i, "]");
      SEXTANT_RETURN_IF_ERROR(CheckResultName(member.name, absl::StrCat(path, ".name")));
      if (!names.insert(member.name).second) {
        return FieldError(
            absl::StrCat(path, ".name"),
            absl::StrCat("the member ", Shown(member.name), " is given twice; allowed: once"));
      }
      const std::string condition = absl::StrCat(path, ".condition");
      const absl::Status status = BindCondition(member, condition, dataset, axis);
      if (!status.ok() && wanted_.is_from_catalog) {
        return InCatalog(
            status, condition,
            absl::StrCat("catalogue set ", Shown(axis.name), ": member ", Shown(member.name)));
      }
      SEXTANT_RETURN_IF_ERROR(status);
    }
    return absl::OkStatus();
  }

  absl::Status BindCondition(const SetMember& member, const std::string& field, size_t dataset,
                             BoundAxis& axis) const {
    SEXTANT_ASSIGN_OR_RETURN(const Predicate condition, ParseFilter(member.condition, field));
    SEXTANT_RETURN_IF_ERROR(scope_.CheckNames(condition, field));
    PredicateContext context = scope_.contexts()[dataset];
    if (wanted_.is_from_catalog) context.time_zone = absl::UTCTimeZone();
    SEXTANT_ASSIGN_OR_RETURN(BoundPredicate bound,
                             BindPredicate(context, scope_.In(condition, dataset)));
    axis.members.push_back({member.name, std::move(bound)});
    return absl::OkStatus();
  }

  const GroupAxis& wanted_;
  const std::string field_;
  const BindScope& scope_;
};

/// The type in which values of both meet; none when they do not.
std::optional<DataType> CommonType(const DataType& a, const DataType& b) {
  if (IsInteger(a.kind) && IsInteger(b.kind)) return a.kind > b.kind ? a : b;
  if (IsFloat(a.kind) && IsFloat(b.kind)) return DataType::Of(TypeKind::kFloat64);
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind != TypeKind::kDecimal) return a;
  const bool is_wide = a.precision > kMaxBinDigits;
  if (a.scale != b.scale || is_wide != (b.precision > kMaxBinDigits)) return std::nullopt;
  return DataType::Decimal(std::max(a.precision, b.precision), a.scale);
}

/// Values of an axis are joined across datasets, so they must be of one type.
absl::Status UnifyTypes(const std::string& field, size_t index, BoundQuery& bound) {
  std::vector<BoundDataset>& datasets = bound.datasets;
  DataType type = datasets[0].axes[index].type;
  for (const BoundDataset& dataset : datasets) {
    const BoundAxis& axis = dataset.axes[index];
    const std::optional<DataType> common = CommonType(type, axis.type);
    const bool same_labels =
        type.kind != TypeKind::kEnum ||
        dataset.schema->field(axis.column).enum_labels ==
            datasets[0].schema->field(datasets[0].axes[index].column).enum_labels;
    if (!common || !same_labels) {
      return FieldError(
          field, absl::StrCat("'", axis.name, "' is ", TypeName(type), " in '", datasets[0].name,
                              "' and ", TypeName(axis.type), common ? " of other labels" : "",
                              " in '", dataset.name, "'; allowed: one type in all datasets"));
    }
    type = *common;
  }
  for (BoundDataset& dataset : datasets) dataset.axes[index].type = type;
  return absl::OkStatus();
}

}  // namespace

absl::Status BindAxes(const Query& query, const BindScope& scope, BoundQuery& bound) {
  const auto max_group_by = static_cast<size_t>(bound.limits.max_group_by);
  if (query.group_by.size() > max_group_by) {
    return FieldError("group_by", absl::StrCat("found ", query.group_by.size(),
                                               " groupings; allowed: at most ", max_group_by));
  }
  for (size_t i = 0; i < query.group_by.size(); ++i) {
    const std::string field = absl::StrCat("group_by[", i, "]");
    const AxisBinder binder(query.group_by[i], field, scope);
    for (size_t dataset = 0; dataset < bound.datasets.size(); ++dataset) {
      SEXTANT_ASSIGN_OR_RETURN(BoundAxis axis, binder.Bind(dataset));
      bound.datasets[dataset].axes.push_back(std::move(axis));
    }
    SEXTANT_RETURN_IF_ERROR(UnifyTypes(field, i, bound));
  }
  return absl::OkStatus();
}

}  // namespace sextant
