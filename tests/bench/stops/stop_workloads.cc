#include "tests/bench/stops/stop_workloads.h"

#include <utility>

#include "compute/memory/status_macros.h"
#include "tests/bench/peers/table_sink.h"

namespace sextant::stops {
namespace {

constexpr char kDataset[] = "stops";
constexpr int64_t kFirstSecond = 1'640'995'200;  // 2022-01-01
constexpr int64_t kSeconds = int64_t{3} * 365 * 86'400;

/// Different for different rows, in no order.
int64_t Scattered(uint64_t row) {
  uint64_t mixed = row * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 32)) * 0xbf58476d1ce4e5b9;
  return static_cast<int64_t>(mixed ^ (mixed >> 29));
}

void WriteRow(const peers::RowNumber& number, peers::RandomNumbers& random, peers::RowSink& sink) {
  const int64_t unique = Scattered(number.row);
  sink.Integer(unique);
  sink.Integer(static_cast<int64_t>(static_cast<uint64_t>(unique) % number.num_rows));
  sink.Text("t" + std::to_string(unique));
  sink.Text("few" + std::to_string(random.Below(100)));
  sink.Text("other" + std::to_string(random.Below(100)));
  sink.Text("many" + std::to_string(random.Below(100'000)));
  sink.Float(static_cast<double>(random.Below(1'000'000'000)) / 1e6);
  sink.Float(static_cast<double>(random.Below(1'000'000)) / 7.0);
  const int64_t start = kFirstSecond + random.Below(kSeconds);
  sink.Timestamp(start);
  sink.Timestamp(start + random.Below(30 * 86'400));
  const std::vector<std::string> labels = {"l" + std::to_string(random.Below(50)),
                                           "l" + std::to_string(random.Below(50))};
  sink.List(labels);
}

Workload Make(std::string name, std::vector<std::string> axes,
              std::vector<std::string> expressions) {
  Workload workload{.name = std::move(name), .query = {}};
  for (std::string& axis : axes) {
    workload.query.group_by.push_back(GroupAxis::Of(std::move(axis)));
  }
  for (size_t i = 0; i < expressions.size(); ++i) {
    workload.query.metrics.push_back({.name = "m" + std::to_string(i),
                                      .dataset = kDataset,
                                      .expression = std::move(expressions[i])});
  }
  return workload;
}

/// The same, with metrics at "at", by `unit`.
Workload Over(CalendarUnit unit, Workload workload) {
  for (Metric& metric : workload.query.metrics) metric.pin = TimePin::At("at");
  workload.query.series.push_back({.unit = unit});
  return workload;
}

template <typename Change>
Workload With(Workload workload, Change change) {
  change(workload.query);
  return workload;
}

/// Cells that are sorted, ranked and handed out.
void AddCellWorkloads(std::vector<Workload>& all) {
  all.push_back(Make("cells of numbers", {"key"}, {"count(*)"}));
  all.push_back(Make("cells of wide numbers", {"id"}, {"count(*)"}));
  all.push_back(Make("cells of texts", {"name"}, {"count(*)"}));
  all.push_back(Make("cells of three axes", {"few", "other", "many"}, {"sum(amount)"}));
  all.push_back(Make("cells of numbers and texts", {"key", "few"}, {"sum(amount)"}));
  all.push_back(Make("list elements", {"labels", "many"}, {"count(*)"}));
  all.push_back(Over(CalendarUnit::kDay, Make("cells of days", {"many"}, {"count(*)"})));
  all.push_back(With(Over(CalendarUnit::kWeek, Make("dense cells", {"many"}, {"sum(amount)"})),
                     [](Query& query) { query.fill = FillMode::kDense; }));
  all.push_back(With(Make("totals", {"few", "many"}, {"sum(amount)"}),
                     [](Query& query) { query.totals = Totals::kCube; }));
  all.push_back(With(Make("top of keys", {"key"}, {"sum(amount)"}), [](Query& query) {
    query.top_n = TopN{.count = 1'000'000, .metric = "m0", .others = true};
  }));
  all.push_back(With(Make("having", {"key"}, {"sum(amount)"}),
                     [](Query& query) { query.having_text = "m0 > 500"; }));
  all.push_back(With(Make("order by a number", {"key"}, {"sum(amount)"}),
                     [](Query& query) { query.order_by = {{.column = "m0"}}; }));
  all.push_back(With(Make("order by a text", {"key"}, {"min(name)"}),
                     [](Query& query) { query.order_by = {{.column = "m0"}}; }));
  all.push_back(With(Make("order by an axis of texts", {"name"}, {"count(*)"}), [](Query& query) {
    query.order_by = {{.column = "name", .descending = true}};
  }));
}

/// Aggregates that keep what they see, over one cell, 100,000 and as many as there are rows.
void AddAggregateWorkloads(std::vector<Workload>& all) {
  const std::pair<const char*, const char*> aggregates[] = {
      {"distinct numbers", "count(DISTINCT id)"},
      {"distinct texts", "count(DISTINCT name)"},
      {"distinct codes", "count(DISTINCT many)"},
      {"quantile of numbers", "percentile_cont(0.3) WITHIN GROUP (ORDER BY id)"},
      {"quantile of floats", "percentile_cont(0.3) WITHIN GROUP (ORDER BY amount)"},
      {"quantile of texts", "percentile_disc(0.3) WITHIN GROUP (ORDER BY name)"},
      {"mode of numbers", "mode() WITHIN GROUP (ORDER BY id)"},
      {"mode of texts", "mode() WITHIN GROUP (ORDER BY name)"},
      {"top values", "(array_agg(name ORDER BY amount DESC))[1:10]"},
      {"least of texts", "min(name)"},
      {"variance", "stddev(amount)"},
      {"correlation", "corr(amount, price)"},
  };
  for (const auto& [name, expression] : aggregates) {
    all.push_back(Make(name, {}, {expression}));
    all.push_back(Make(std::string(name) + ", many cells", {"many"}, {expression}));
    all.push_back(Make(std::string(name) + ", cells of keys", {"key"}, {expression}));
  }
}

/// Rows that are tested, and times that are looked up.
void AddRowWorkloads(std::vector<Workload>& all) {
  all.push_back(With(Make("texts by pattern", {}, {"count(*)"}),
                     [](Query& query) { query.where = "name ~ '(1|2)+[3-9]*7.*9$'"; }));
  all.push_back(With(Make("texts in a long list", {}, {"count(*)"}), [](Query& query) {
    Predicate in;
    in.kind = Predicate::Kind::kIn;
    in.value = Expression::Column("name");
    for (uint64_t row = 0; row < 100'000; ++row) {
      Literal& literal = in.literals.emplace_back();
      literal.kind = Literal::Kind::kString;
      literal.text = "t" + std::to_string(Scattered(row * 3));
    }
    query.filter = std::move(in);
  }));
  all.push_back(Over(CalendarUnit::kHour, Make("hours", {"few"}, {"sum(amount)", "max(price)"})));
  all.push_back(With(Make("during", {"few"}, {"count(*)"}), [](Query& query) {
    query.metrics[0].pin = {.kind = TimePin::Kind::kDuring, .start = "at", .end = "until"};
    query.series.push_back({.unit = CalendarUnit::kDay});
  }));
  all.push_back(Make("arithmetic of cells", {"key"}, {"sum(amount) / count(*) + max(price)"}));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Table>> MakeStopTable(uint64_t num_rows,
                                                           MemoryBudget& budget) {
  const peers::Dataset dataset = {
      .name = kDataset,
      .fields = peers::FieldsOf({{DataType::Of(TypeKind::kInt64), {"id", "key"}},
                                 {DataType::Of(TypeKind::kText), {"name", "few", "other", "many"}},
                                 {DataType::Of(TypeKind::kFloat64), {"amount", "price"}},
                                 {DataType::Of(TypeKind::kTimestamp), {"at", "until"}},
                                 {DataType::ListOf(TypeKind::kText), {"labels"}}}),
      .key_columns = {0},
      .default_rows = num_rows,
      .seed = 4,
      .write_row = WriteRow};
  return peers::MakeTable(dataset, num_rows, budget);
}

std::vector<Workload> MakeWorkloads() {
  std::vector<Workload> all;
  AddCellWorkloads(all);
  AddAggregateWorkloads(all);
  AddRowWorkloads(all);
  return all;
}

}  // namespace sextant::stops
