#include "service/translation/rows_from_proto.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"
#include "service/translation/filter_from_proto.h"

namespace sextant {
namespace {

/// No column of a table is called so, as a rule.
constexpr char kRowCount[] = "count(*)";

absl::StatusOr<PickedGroup> ReadGroup(const v1::GroupValue& group, const std::string& field) {
  PickedGroup picked = {group.axis(), std::nullopt};
  if (group.axis().empty()) {
    return FieldError(field + ".axis", "found nothing, allowed: a group column of the query");
  }
  switch (group.group_case()) {
    case v1::GroupValue::kValue: {
      SEXTANT_ASSIGN_OR_RETURN(picked.value, LiteralFromProto(group.value(), field + ".value"));
      return picked;
    }
    case v1::GroupValue::kIsNull:
      if (group.is_null()) return picked;
      break;
    case v1::GroupValue::GROUP_NOT_SET:
      break;
  }
  return FieldError(field, "found no group, allowed: value, or is_null true");
}

}  // namespace

absl::StatusOr<const v1::QueryMetricsRequest*> TakeQueryOfCell(v1::QueryRowsRequest& request) {
  v1::QueryMetricsRequest& query = *request.mutable_query();
  query.clear_top_n();
  query.clear_totals();
  query.clear_fill();
  query.clear_having();
  query.clear_having_text();
  query.clear_order_by();
  query.clear_limit();
  query.clear_max_cells();
  query.clear_samples();
  query.clear_confidence();
  if (query.has_compare_to()) {
    return FieldError("query.compare_to",
                      "found a comparison, allowed: none; the rows of an earlier interval are told "
                      "with a time_range that holds it");
  }
  if (query.has_clip()) {
    return FieldError("query.clip",
                      "found a clip, allowed: none; rows are told before outliers are left out");
  }
  if (!query.metrics().empty()) return &query;
  if (query.dataset().empty()) query.set_dataset(request.dataset());
  if (query.dataset().empty()) {
    return FieldError("query", "found neither metrics nor a dataset, allowed: one of them");
  }
  v1::MetricDefinition& count = *query.add_metrics()->mutable_definition();
  count.set_name(kRowCount);
  count.set_expression(kRowCount);
  return &query;
}

absl::StatusOr<RowsQuery> RowsFromProto(const v1::QueryRowsRequest& request) {
  RowsQuery rows;
  rows.metric = request.metric();
  rows.dataset = request.dataset();
  for (int i = 0; i < request.group_size(); ++i) {
    SEXTANT_ASSIGN_OR_RETURN(PickedGroup group,
                             ReadGroup(request.group(i), absl::StrCat("group[", i, "]")));
    rows.group.push_back(std::move(group));
  }
  rows.series = request.interval();
  rows.start = request.start();
  rows.columns.assign(request.columns().begin(), request.columns().end());
  for (int i = 0; i < request.order_by_size(); ++i) {
    const v1::OrderBy& order = request.order_by(i);
    if (order.name().empty()) {
      return FieldError(absl::StrCat("order_by[", i, "].name"),
                        "found nothing, allowed: a column of the dataset");
    }
    rows.order_by.push_back({order.name(), order.descending()});
  }
  if (request.limit() < 0) {
    return FieldError("limit", absl::StrCat("found ", request.limit(), ", allowed: 0 or more"));
  }
  if (request.limit() > 0) rows.limit = static_cast<uint64_t>(request.limit());
  return rows;
}

}  // namespace sextant
