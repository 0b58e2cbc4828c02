#include "tests/fuzz/fuzz_table.h"

#include <limits>
#include <utility>
#include <vector>

#include "compute/column/tenant_scope.h"
#include "compute/exec/derived_rows.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/check.h"
#include "compute/plan/binder.h"
#include "storage/postgres/query_sql.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/testing/table_of.h"

namespace sextant::fuzz {
namespace {

constexpr int64_t kAsOfUs = 1'800'000'000'000'000;
constexpr size_t kQueryBytes = size_t{16} << 20;
constexpr size_t kBatchBytes = 4096;

template <typename T>
constexpr int64_t kLeast = std::numeric_limits<T>::min();
template <typename T>
constexpr int64_t kGreatest = std::numeric_limits<T>::max();

std::vector<ColumnCells> NumberColumns() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const double greatest = std::numeric_limits<double>::max();
  const int128_t wide = static_cast<int128_t>(10'000'000'000'000'000'000u) * 9'999'999'999;
  return {
      {"id",
       DataType::Of(TypeKind::kInt64),
       {Int(1), Int(2), Int(3), Int(4), Int(5), Int(6), Int(7)}},
      {"b",
       DataType::Of(TypeKind::kBool),
       {Bool(true), Bool(false), Null(), Bool(true), Bool(true), Null(), Bool(false)}},
      {"i2",
       DataType::Of(TypeKind::kInt16),
       {Int(kLeast<int16_t>), Int(kGreatest<int16_t>), Null(), Int(0), Int(-1), Int(1), Int(1)}},
      {"i4",
       DataType::Of(TypeKind::kInt32),
       {Int(kLeast<int32_t>), Int(kGreatest<int32_t>), Null(), Int(0), Int(-1), Int(1), Int(1)}},
      {"i8",
       DataType::Of(TypeKind::kInt64),
       {Int(kLeast<int64_t>), Int(kGreatest<int64_t>), Null(), Int(0), Int(-1), Int(1), Int(1)}},
      {"f4",
       DataType::Of(TypeKind::kFloat32),
       {Float(0.5), Float(-0.0), Null(), Float(nan), Float(infinity), Float(1), Float(1)}},
      {"f8",
       DataType::Of(TypeKind::kFloat64),
       {Float(greatest), Float(-greatest), Null(), Float(nan), Float(-infinity), Float(0),
        Float(5e-324)}},
      {"n9",
       DataType::Decimal(9, 2),
       {Int(999'999'999), Int(-999'999'999), Null(), Int(0), Int(50), Int(50), Int(-1)}},
      {"n38",
       DataType::Decimal(38, 10),
       {Decimal(wide), Decimal(-wide), Null(), Decimal(0), Decimal(1), Decimal(1), Decimal(-5)}},
  };
}

std::vector<ColumnCells> TextColumns() {
  return {
      {"t",
       DataType::Of(TypeKind::kText),
       {Text(""), Text("a"), Null(), Text("A%_\\"), Text("a"), Text("\xC3\x9F"), Text("1.5")}},
      {"e",
       DataType::Of(TypeKind::kEnum),
       {Text("low"), Text("high"), Null(), Text("low"), Text("middle"), Text("low"), Null()},
       {"low", "middle", "high"}},
      {"u",
       DataType::Of(TypeKind::kUuid),
       {Uuid("00000000000000000000000000000000"), Uuid("ffffffffffffffffffffffffffffffff"), Null(),
        Uuid("80000000000000000000000000000000"), Null(), Null(), Null()}},
      {"j",
       DataType::Of(TypeKind::kJson),
       {Text("{}"), Text("null"), Null(), Text("[1]"), Text("1"), Text("\"a\""), Null()}},
      {"y",
       DataType::Of(TypeKind::kBytes),
       {Text(""), Text("a"), Null(), Text("\xFF"), Text("a"), Text("b"), Null()}},
      {"ts",
       DataType::ListOf(TypeKind::kText),
       {List({}), List({Text("a"), Null(), Text("a")}), Null(), List({Text("b")}),
        List({Text("a"), Text("b")}), List({Null()}), List({Text("")})}},
      {"ls",
       DataType::ListOf(TypeKind::kInt64),
       {List({}), List({Int(kLeast<int64_t>), Int(1)}), Null(), List({Int(1), Int(1)}),
        List({Null()}), List({Int(2)}), List({Int(3)})}},
  };
}

std::vector<ColumnCells> TimeColumns() {
  constexpr int64_t kDayUs = 86'400'000'000;
  constexpr int64_t kSpringUs = 1'711'846'800'000'000;  // the hour that Berlin leaves out in 2024
  const auto time = [](int64_t offset_us) { return Int(kSpringUs + offset_us); };
  return {
      {"d",
       DataType::Of(TypeKind::kDate),
       {Int(-719'162), Int(2'932'896), Null(), Int(0), Int(19'813), Int(19'813), Int(20'000)}},
      {"at",
       DataType::Of(TypeKind::kTimestamp),
       {time(0), time(-1), Null(), time(kDayUs), time(40 * kDayUs), time(400 * kDayUs), time(0)}},
      {"ended",
       DataType::Of(TypeKind::kTimestamp),
       {time(1), time(-2), time(5), Null(), time(90 * kDayUs), time(400 * kDayUs), time(kDayUs)}},
      {"took",
       DataType::Of(TypeKind::kDuration),
       {Int(0), Int(-1), Null(), Int(kDayUs), Int(kGreatest<int64_t> / 2), Int(5), Int(5)}},
      {"v",
       DataType::Of(TypeKind::kInterval),
       {Interval(0, 0, 0), Interval(1, -30, 5), Null(), Interval(0, 30, 0), Interval(12, 0, 0),
        Interval(-1, 0, 0), Null()}},
      {"ats",
       DataType::ListOf(TypeKind::kTimestamp),
       {List({}), List({time(0), Null(), time(0)}), Null(), List({time(kDayUs)}), List({time(-1)}),
        List({time(5), time(60 * kDayUs)}), Null()}},
  };
}

Metric CatalogueMetric(std::string name, std::string expression) {
  Metric metric;
  metric.name = std::move(name);
  metric.dataset = "items";
  metric.expression = std::move(expression);
  metric.pin = TimePin::At("at");
  metric.is_from_catalog = true;
  return metric;
}

}  // namespace

std::shared_ptr<const Table> ItemsTable() {
  static const std::shared_ptr<const Table> table = [] {
    std::vector<ColumnCells> columns = NumberColumns();
    for (ColumnCells& column : TextColumns()) columns.push_back(std::move(column));
    for (ColumnCells& column : TimeColumns()) columns.push_back(std::move(column));
    return TableOf(columns,
                   {.chunk_rows = 3, .key = {"id"}, .dataset = "items", .as_of_us = kAsOfUs});
  }();
  return table;
}

const DatasetSpec& ItemsSpec() {
  static const DatasetSpec spec = [] {
    DatasetSpec made;
    made.name = "items";
    made.source = "warehouse";
    made.table = "public.items";
    made.key = {"id"};
    return made;
  }();
  return spec;
}

const MetricCatalog& ItemsCatalog() {
  static const MetricCatalog catalog = [] {
    Metric share;
    share.name = "share";
    share.ratio = Metric::Ratio{"items", "items", 1};
    share.is_from_catalog = true;
    return MetricCatalog({{CatalogueMetric("items", "count(*)"), ""}, {share, ""}},
                         {{"parts", "", {{"small", "i4 < 1"}, {"named", "t IS NOT NULL"}}}},
                         {{"kind", "", {{"items", "e"}}}});
  }();
  return catalog;
}

QueryLimits SmallLimits() {
  QueryLimits limits;
  limits.max_values = 20'000;
  limits.max_intervals = 500;
  limits.max_metrics = 16;
  limits.max_in_list = 1000;
  return limits;
}

namespace {

/// What the service would hold of the datasets of a request: all are the same table.
struct FuzzDatasets {
  std::vector<std::shared_ptr<const Schema>> schemas;
  std::vector<TenantScope> scopes;
  std::vector<DatasetSpec> specs;
};

FuzzDatasets DatasetsNamed(const std::vector<std::string>& names) {
  FuzzDatasets datasets;
  const std::shared_ptr<const Table> table = ItemsTable();
  for (const std::string& name : names) {
    const absl::StatusOr<TenantScope> scope = TenantScope::Resolve(table, TenantClaim::None());
    SEXTANT_CHECK(scope.ok()) << scope.status();
    datasets.schemas.push_back(table->shared_schema());
    datasets.scopes.push_back(*scope);
    datasets.specs.push_back(ItemsSpec());
    datasets.specs.back().name = name;
  }
  return datasets;
}

/// `query` bound to what the service would hold of its datasets.
absl::StatusOr<BoundQuery> BindTo(FuzzDatasets& datasets, const Query& query) {
  const absl::StatusOr<std::vector<std::string>> names = DatasetsOf(query);
  if (!names.ok()) return names.status();
  datasets = DatasetsNamed(*names);
  Dimensions dimensions;
  for (const std::string& name : *names) dimensions.columns["kind"][name] = "e";
  absl::StatusOr<BoundQuery> bound =
      Bind(query, datasets.schemas, kAsOfUs, SmallLimits(), dimensions);
  if (bound.ok()) datasets.scopes = ScopesPerDataset(*bound, *names, datasets.scopes);
  return bound;
}

QueryContext MakeContext(MemoryBudget& budget) {
  return QueryContext(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive, &budget,
                      kQueryBytes);
}

/// Whether all of it was read.
bool ReadToTheEnd(ResultCursor& cursor) {
  for (;;) {
    const absl::StatusOr<std::optional<ResultBatch>> batch = cursor.Next(kBatchBytes);
    if (!batch.ok()) {
      CheckRefusal(batch.status());
      return false;
    }
    if (!batch->has_value()) return true;
    SEXTANT_CHECK((*batch)->columns.size() == cursor.header().columns.size());
  }
}

}  // namespace

void RunToTheEnd(const Query& query) {
  FuzzDatasets datasets;
  const absl::StatusOr<BoundQuery> bound = BindTo(datasets, query);
  if (!bound.ok()) return CheckRefusal(bound.status());
  MemoryBudget budget("fuzz", kQueryBytes);
  QueryContext context = MakeContext(budget);
  const absl::StatusOr<std::unique_ptr<ResultCursor>> cursor =
      QueryExecutor::Run(context, *bound, std::move(datasets.scopes));
  if (!cursor.ok()) return CheckRefusal(cursor.status());
  if (!ReadToTheEnd(**cursor)) return;
  std::vector<const DatasetSpec*> specs;
  for (const DatasetSpec& spec : datasets.specs) specs.push_back(&spec);
  const absl::StatusOr<EquivalentSql> sql = PrintQuerySql(
      *bound, specs, {(*cursor)->header().series, (*cursor)->header().range}, TenantClaim::None());
  SEXTANT_CHECK(sql.ok()) << sql.status();
  SEXTANT_CHECK(!sql->text.empty());
}

void RunRowsToTheEnd(const RowsQuery& rows, const Query& query) {
  FuzzDatasets datasets;
  const absl::StatusOr<BoundQuery> bound = BindTo(datasets, query);
  if (!bound.ok()) return CheckRefusal(bound.status());
  const absl::StatusOr<BoundRowsQuery> picked = BindRows(rows, *bound, kAsOfUs);
  if (!picked.ok()) return CheckRefusal(picked.status());
  MemoryBudget budget("fuzz", kQueryBytes);
  QueryContext context = MakeContext(budget);
  const absl::StatusOr<std::unique_ptr<ResultCursor>> cursor =
      QueryExecutor::RunRows(context, *picked, std::move(datasets.scopes));
  if (!cursor.ok()) return CheckRefusal(cursor.status());
  if (ReadToTheEnd(**cursor)) SEXTANT_CHECK((*cursor)->summary().cells <= picked->limit);
}

}  // namespace sextant::fuzz
