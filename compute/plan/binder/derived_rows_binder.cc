#include "compute/plan/binder/derived_rows_binder.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/aggregate_uses.h"
#include "compute/plan/binder.h"
#include "compute/plan/binder/catalog_fault.h"
#include "compute/plan/binder/result_name.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

/// Rows are limited by memory, not as cells of an answer are.
constexpr uint64_t kMaxValues = uint64_t{1} << 40;
/// A key has a row whatever is selected of it.
constexpr char kRowsOfKey[] = "rows of the key";

/// `status` about `inner`, a field of the inner query, told of `outer`, one of the request.
absl::Status Renamed(const absl::Status& status, const std::string& inner,
                     const std::string& outer) {
  absl::Status told = status;
  absl::string_view message = status.message();
  if (absl::ConsumePrefix(&message, inner)) {
    told = absl::Status(status.code(), absl::StrCat(outer, message));
  }
  std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail) return told;
  absl::string_view rest = detail->field;
  if (absl::ConsumePrefix(&rest, inner)) detail->field = absl::StrCat(outer, rest);
  return WithDetail(std::move(told), *detail);
}

absl::Status CheckName(const std::string& name, const std::string& field,
                       std::set<std::string>& names) {
  SEXTANT_RETURN_IF_ERROR(CheckResultName(name, field));
  if (names.insert(name).second) return absl::OkStatus();
  return FieldError(field, absl::StrCat("two columns '", name.substr(0, 64),
                                        "'; allowed: a name of its own for each"));
}

class DerivedRowsBinder {
 public:
  explicit DerivedRowsBinder(const DerivedRowsRequest& request)
      : request_(request),
        per_(*request.source.per),
        path_(absl::StrCat(request.source.path, ".per")) {}

  absl::StatusOr<std::shared_ptr<const BoundDerivedRows>> Bind(
      const std::vector<std::string>& constants) const {
    SEXTANT_RETURN_IF_ERROR(CheckNames());
    SEXTANT_RETURN_IF_ERROR(CheckConstants(constants));
    const Query inner = InnerQuery(constants);
    QueryLimits limits = request_.limits;
    limits.max_values = kMaxValues;
    absl::StatusOr<BoundQuery> bound =
        sextant::Bind(inner, request_.schema, request_.as_of_us, limits);
    if (!bound.ok()) return InRequest(bound.status());
    auto rows = std::make_shared<BoundDerivedRows>();
    rows->query = *std::move(bound);
    rows->num_keys = static_cast<uint32_t>(per_.keys.size());
    SEXTANT_RETURN_IF_ERROR(CheckTypes(rows->query));
    for (size_t i = 0; i < per_.select.size(); ++i) {
      rows->is_duration.push_back(rows->query.metrics[i].is_shown_duration);
    }
    return rows;
  }

 private:
  absl::Status CheckNames() const {
    if (per_.keys.empty()) {
      return FieldError(absl::StrCat(path_, ".keys"), "found none; allowed: one or more columns");
    }
    std::set<std::string> names = {kRowsOfKey};
    for (size_t i = 0; i < per_.keys.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(
          CheckName(per_.keys[i], absl::StrCat(path_, ".keys[", i, "]"), names));
    }
    for (size_t i = 0; i < per_.select.size(); ++i) {
      SEXTANT_RETURN_IF_ERROR(
          CheckName(per_.select[i].name, absl::StrCat(path_, ".select[", i, "].name"), names));
    }
    return absl::OkStatus();
  }

  /// Whether a key has one value of each can be seen only where values are equal or not.
  absl::Status CheckConstants(const std::vector<std::string>& constants) const {
    for (const std::string& name : constants) {
      const std::optional<ColumnIndex> column = request_.schema->Find(name);
      if (!column || IsGroupable(request_.schema->field(*column).type.kind)) continue;
      return WithDetail(
          absl::FailedPreconditionError(absl::StrCat(
              "metric '", request_.source.metric, "' reads rows per ", KeysText(), "; the column '",
              name, "' of '", request_.source.dataset, "' is ",
              TypeName(request_.schema->field(*column).type),
              ", of which it cannot be told whether a key has one value; allowed: keys, selected "
              "columns, and columns of other types with one value per key")),
          {.reason = "COLUMN_NOT_CONSTANT_PER_KEY",
           .metadata = {{"column", name}, {"dataset", request_.source.dataset}}});
    }
    const size_t num_axes = per_.keys.size() + constants.size();
    const auto max_axes = static_cast<size_t>(request_.limits.max_group_by);
    if (num_axes <= max_axes) return absl::OkStatus();
    return FieldError(absl::StrCat(path_, ".keys"),
                      absl::StrCat(per_.keys.size(), " keys, and ", constants.size(),
                                   " columns that are to have one value per key; allowed: at most ",
                                   max_axes, " together"));
  }

  std::string KeysText() const {
    std::string text;
    for (const std::string& key : per_.keys) {
      absl::StrAppend(&text, text.empty() ? "'" : ", '", key, "'");
    }
    return text;
  }

  Query InnerQuery(const std::vector<std::string>& constants) const {
    const RowSource& source = request_.source;
    Query inner;
    for (const PerKey::Column& column : per_.select) {
      Metric& metric = inner.metrics.emplace_back();
      metric.name = column.name;
      metric.dataset = source.dataset;
      metric.expression = column.expression;
    }
    Metric& rows = inner.metrics.emplace_back();
    rows.name = kRowsOfKey;
    rows.dataset = source.dataset;
    rows.expression = "count(*)";
    inner.where = source.filter;
    for (const std::string& key : per_.keys) inner.group_by.push_back(GroupAxis::Of(key));
    for (const std::string& name : constants) inner.group_by.push_back(GroupAxis::Of(name));
    if (!source.is_from_catalog) inner.time_zone = request_.query.time_zone;  // rule 15
    return inner;
  }

  absl::Status CheckTypes(const BoundQuery& bound) const {
    const auto refuse = [&](const std::string& field, const std::string& message) {
      const absl::Status status = FieldError(field, message);
      return Told(status);
    };
    for (size_t i = 0; i < per_.keys.size(); ++i) {
      if (!bound.axes()[i].is_list) continue;
      return refuse(
          absl::StrCat(path_, ".keys[", i, "]"),
          absl::StrCat("the column '", per_.keys[i], "' is a list; allowed: columns of one value"));
    }
    for (size_t i = 0; i < per_.select.size(); ++i) {
      if (bound.metrics[i].result_type.kind != TypeKind::kList) continue;
      return refuse(absl::StrCat(path_, ".select[", i, "].expression"),
                    absl::StrCat("the column '", per_.select[i].name,
                                 "' is a list; allowed: aggregates of one value"));
    }
    return absl::OkStatus();
  }

  /// An error of the inner query, of the fields of the request.
  absl::Status InRequest(const absl::Status& status) const {
    const std::optional<ErrorDetail> detail = DetailOf(status);
    const std::string field = detail ? detail->field : "";
    if (absl::StartsWith(field, "where")) {
      return Told(Renamed(status, "where", absl::StrCat(request_.source.path, ".filter")));
    }
    for (size_t i = 0; i < per_.select.size(); ++i) {
      const std::string inner = absl::StrCat("metrics[", i, "]");
      if (!absl::StartsWith(field, inner)) continue;
      return Told(Renamed(status, inner, absl::StrCat(path_, ".select[", i, "]")));
    }
    for (size_t i = 0; i < per_.keys.size(); ++i) {
      const std::string inner = absl::StrCat("group_by[", i, "].column");
      if (!absl::StartsWith(field, inner)) continue;
      return Told(Renamed(status, inner, absl::StrCat(path_, ".keys[", i, "]")));
    }
    return Told(status);
  }

  absl::Status Told(const absl::Status& status) const {
    if (!request_.source.is_from_catalog) return status;
    return InCatalog(status, request_.source.path,
                     absl::StrCat("catalogue metric '", request_.source.metric, "'"));
  }

  const DerivedRowsRequest& request_;
  const PerKey& per_;
  const std::string path_;
};

Field FieldOf(const BoundDerivedRows& rows, size_t metric) {
  const BoundMetric& selected = rows.query.metrics[metric];
  Field field = {.name = selected.name, .type = selected.result_type, .unit = selected.unit};
  if (rows.is_duration[metric]) field.type = DataType::Of(TypeKind::kDuration);
  if (selected.expression.op != ExpressionOp::kColumn) return field;
  const BoundAggregate& aggregate = rows.query.aggregates[selected.expression.column];
  if (field.type.kind == TypeKind::kEnum) {
    field.enum_labels = AggregateLabels(rows.query, selected.expression.column);
  } else if (field.type.kind == TypeKind::kText && aggregate.value.IsColumn()) {
    const Schema& dataset = *rows.query.datasets[0].schema;
    field.is_blank_padded = dataset.field(aggregate.value.column).is_blank_padded;
  }
  return field;
}

void Collect(const BoundValue& value, std::set<ColumnIndex>& columns) {
  const std::vector<uint32_t> read = ColumnsOf(value);
  columns.insert(read.begin(), read.end());
}

void Collect(const BoundPredicate& condition, std::set<ColumnIndex>& columns) {
  const std::vector<uint32_t> read = ColumnsOf(condition);
  columns.insert(read.begin(), read.end());
}

void Collect(const BoundAggregate& aggregate, std::set<ColumnIndex>& columns) {
  if (HasValue(aggregate.kind)) Collect(aggregate.value, columns);
  if (aggregate.kind >= AggregateKind::kCorr) Collect(aggregate.second, columns);
  if (aggregate.filter) Collect(*aggregate.filter, columns);
  if (aggregate.outside) Collect(*aggregate.outside, columns);
  if (aggregate.pin.kind == TimePin::Kind::kNone) return;
  Collect(aggregate.pin.start, columns);
  if (aggregate.pin.kind != TimePin::Kind::kAt) Collect(aggregate.pin.end, columns);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const BoundDerivedRows>> BindDerivedRows(
    const DerivedRowsRequest& request, const std::vector<std::string>& constants) {
  return DerivedRowsBinder(request).Bind(constants);
}

std::vector<std::string> ConstantsRead(const BoundQuery& query, size_t dataset) {
  const BoundDataset& read = query.datasets[dataset];
  const size_t num_own = SchemaOf(*read.derived).num_fields();
  std::set<ColumnIndex> columns;
  if (read.filter) Collect(*read.filter, columns);
  for (const BoundAxis& axis : read.axes) {
    if (axis.kind != GroupAxis::Kind::kSets) columns.insert(axis.column);
    for (const BoundMember& member : axis.members) {
      if (axis.kind == GroupAxis::Kind::kSets) Collect(member.condition, columns);
    }
  }
  for (const uint32_t aggregate : read.aggregates) Collect(query.aggregates[aggregate], columns);
  std::vector<std::string> names;
  for (const ColumnIndex column : columns) {
    if (column >= num_own) names.push_back(read.schema->field(column).name);
  }
  return names;
}

Schema SchemaOf(const BoundDerivedRows& rows) {
  const Schema& dataset = *rows.query.datasets[0].schema;
  std::vector<Field> fields;
  std::vector<ColumnIndex> keys;
  for (const BoundAxis& axis : rows.query.axes()) {
    if (fields.size() < rows.num_keys) keys.push_back(static_cast<ColumnIndex>(fields.size()));
    fields.push_back(dataset.field(axis.column));
    fields.back().nullable = true;
    fields.back().link.clear();  // it was read when the rows were made
  }
  for (size_t i = 0; i < rows.is_duration.size(); ++i) fields.push_back(FieldOf(rows, i));
  return Schema(std::move(fields), std::nullopt, std::move(keys));
}

Schema WithAllColumns(const BoundDerivedRows& rows) {
  const Schema own = SchemaOf(rows);
  std::vector<Field> fields = own.fields();
  for (const Field& field : rows.query.datasets[0].schema->fields()) {
    if (own.Find(field.name)) continue;
    fields.push_back(field);
    fields.back().link.clear();
  }
  return Schema(std::move(fields), std::nullopt, own.key_columns());
}

}  // namespace sextant
