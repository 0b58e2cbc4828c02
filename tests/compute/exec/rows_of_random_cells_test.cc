#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/exec/query_executor.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/instant_text.h"
#include "compute/plan/rows_query.h"
#include "tests/testing/random_query.h"
#include "tests/testing/random_table.h"
#include "tests/testing/run_rows.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint64_t kNumSeeds = 400;
constexpr size_t kCellsPerCase = 12;

struct Case {
  BoundQuery query;
  TenantScope scope;
};

BoundValue ValueOf(const Table& table, const std::string& name) {
  BoundValue value;
  value.column = *table.schema().Find(name);
  value.type = table.schema().field(value.column).type;
  return value;
}

/// The same in the form that the binder gives predicates: no constant is negated.
BoundPredicate Canonical(BoundPredicate predicate) {
  const bool is_or = std::holds_alternative<OrNode>(predicate.node);
  std::vector<BoundPredicate>* children = nullptr;
  if (auto* all = std::get_if<AndNode>(&predicate.node)) children = &all->children;
  if (auto* any = std::get_if<OrNode>(&predicate.node)) children = &any->children;
  if (children != nullptr) {
    std::vector<BoundPredicate> own;
    for (BoundPredicate& child : *children) own.push_back(Canonical(std::move(child)));
    return is_or ? Disjunction(std::move(own)) : Conjunction(std::move(own));
  }
  if (!std::exchange(predicate.negated, false)) return predicate;
  return Negation(std::move(predicate));
}

/// Counts of rows and of values, some with a span of time in place of an instant, some with a
/// filter of their own.
void MakeCounts(RandomDraws& draws, const Table& table, BoundQuery& query) {
  for (uint32_t i = 0; i < query.aggregates.size(); ++i) {
    BoundAggregate& aggregate = query.aggregates[i];
    const bool counts_rows = aggregate.kind == AggregateKind::kCountRows || draws.OneIn(2);
    aggregate.kind = counts_rows ? AggregateKind::kCountRows : AggregateKind::kCount;
    if (counts_rows) aggregate.value = BoundValue();
    aggregate.result_type = DataType::Of(TypeKind::kInt64);
    query.metrics[i].result_type = aggregate.result_type;
    query.metrics[i].expression.type = aggregate.result_type;
    if (aggregate.pin.kind != TimePin::Kind::kNone && draws.OneIn(2)) {
      aggregate.pin.kind = draws.OneIn(2) ? TimePin::Kind::kDuring : TimePin::Kind::kAsOfEnd;
      aggregate.pin.start = ValueOf(table, "start");
      aggregate.pin.end = ValueOf(table, "end");
    }
    if (draws.OneIn(3)) aggregate.filter = Canonical(RandomPredicate(draws, table, 1));
  }
}

Case MakeCase(uint64_t seed) {
  RandomDraws draws(seed);
  const uint32_t chunk_rows = draws.Pick<uint32_t>({7, 64, kMaxChunkRows});
  const bool has_tenants = draws.OneIn(3);
  const auto num_rows = static_cast<uint32_t>(1 + draws.Below(300));
  std::shared_ptr<const Table> table = RandomTable(draws, num_rows, chunk_rows, has_tenants);
  if (draws.OneIn(2)) table = WithoutSomeRows(draws, table);
  BoundQuery query = RandomQuery(draws, *table);
  MakeCounts(draws, *table, query);
  std::optional<BoundPredicate>& filter = query.datasets[0].filter;
  if (filter) filter = Canonical(*std::move(filter));
  std::vector<BoundAxis>& axes = query.datasets[0].axes;
  for (size_t i = 0; i < axes.size(); ++i) {
    axes[i].name = absl::StrCat("axis", i);
    for (BoundMember& member : axes[i].members) {
      member.condition = Canonical(std::move(member.condition));
    }
  }
  query.order_by.clear();
  query.limit.reset();
  return {std::move(query),
          *TenantScope::Resolve(table, TenantClaim::Of(draws.Pick<std::string>({"a", "b"})))};
}

Literal LiteralOf(Literal::Kind kind, std::string text) {
  Literal literal;
  literal.kind = kind;
  literal.text = std::move(text);
  return literal;
}

std::string DigitsOf(int128_t value) {
  if (value < 0) return "-" + DigitsOf(-value);
  std::string digits(1, static_cast<char>('0' + static_cast<int>(value % 10)));
  return value < 10 ? digits : DigitsOf(value / 10) + digits;
}

std::string DecimalText(int128_t scaled, int scale) {
  return absl::StrCat(DigitsOf(scaled), "e-", scale);
}

std::string WideTextOf(const DataType& type, Wide wide) {
  if (type.kind == TypeKind::kDecimal) return DecimalText(Int128OfWide(wide), type.scale);
  if (type.kind == TypeKind::kInterval) {
    const IntervalValue interval = IntervalOfWide(wide);
    return absl::StrCat(interval.months, " months ", interval.days, " days ",
                        interval.microseconds / 1'000'000, " seconds");
  }
  uint8_t bytes[16];
  UuidOfWide(wide, bytes);
  std::string text;
  for (const uint8_t byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", byte);
    text += digits;
  }
  return text;
}

/// The value of an axis as a request would write it.
Literal LiteralOf(const ResultValues& values, uint32_t row) {
  using Kind = Literal::Kind;
  const DataType& type = values.type;
  switch (values.values.index()) {
    case 0: {
      const int64_t value = std::get<0>(values.values)[row];
      if (type.kind == TypeKind::kBool)
        return LiteralOf(Kind::kBool, value != 0 ? "true" : "false");
      if (type.kind == TypeKind::kDecimal) {
        return LiteralOf(Kind::kDecimal, DecimalText(value, type.scale));
      }
      if (type.kind != TypeKind::kDate) return LiteralOf(Kind::kInteger, absl::StrCat(value));
      return LiteralOf(
          Kind::kString,
          FormatInstant(value * 86'400 * 1'000'000, absl::UTCTimeZone()).substr(0, 10));
    }
    case 1:
      return LiteralOf(Kind::kFloat, FloatText(std::get<1>(values.values)[row]));
    case 2: {
      const std::string text(std::get<2>(values.values)[row]);
      return LiteralOf(Kind::kString, text);
    }
    default:
      return LiteralOf(Kind::kString, WideTextOf(type, std::get<3>(values.values)[row]));
  }
}

/// A cell or a total of a result, and the value of each metric in it.
struct PickedCell {
  RowsQuery rows;
  std::vector<int64_t> counts;
};

PickedCell PickCell(const ResultHeader& header, const ResultBatch& batch, uint32_t row,
                    size_t num_axes) {
  PickedCell cell;
  int64_t grouping = 0;
  size_t series = 0;
  std::optional<int64_t> start_us;
  for (size_t i = 0; i < header.columns.size(); ++i) {
    const auto integer = [&] { return std::get<0>(batch.columns[i].values)[row]; };
    const ResultRole role = header.columns[i].role;
    if (role == ResultRole::kGrouping) grouping = integer();
    if (role == ResultRole::kSeries) series = static_cast<size_t>(integer());
    if (role == ResultRole::kStart) start_us = integer();
    if (role == ResultRole::kMetric) cell.counts.push_back(integer());
  }
  for (size_t axis = 0; axis < num_axes; ++axis) {
    if ((grouping >> (num_axes - 1 - axis) & 1) != 0) continue;
    const ResultValues& values = batch.columns[axis];
    cell.rows.group.push_back({header.columns[axis].name, std::nullopt});
    if (values.valid[row] != 0) cell.rows.group.back().value = LiteralOf(values, row);
  }
  cell.rows.series = header.series[series].name;
  if (start_us && cell.rows.series != "all") {
    cell.rows.start = FormatInstant(*start_us, absl::UTCTimeZone());
  }
  cell.rows.limit = 1'000'000;
  return cell;
}

absl::StatusOr<std::vector<PickedCell>> CellsOf(const Case& one) {
  QueryContext context(Clock::System(), QueryContext::kNoDeadline, Priority::kInteractive,
                       &TestBudget(), MemoryBudget::kUnlimitedBytes);
  SEXTANT_ASSIGN_OR_RETURN(auto cursor, QueryExecutor::Run(context, one.query, one.scope));
  std::vector<PickedCell> cells;
  while (true) {
    SEXTANT_ASSIGN_OR_RETURN(const std::optional<ResultBatch> batch, cursor->Next(4096));
    if (!batch) return cells;
    for (uint32_t row = 0; row < batch->num_rows; ++row) {
      cells.push_back(PickCell(cursor->header(), *batch, row, one.query.axes().size()));
    }
  }
}

TEST(RowsOfRandomCellsTest, AreAsManyAsTheCellCounts) {
  uint64_t num_compared = 0;
  uint64_t num_rows = 0;
  for (uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case one = MakeCase(seed);
    const absl::StatusOr<std::vector<PickedCell>> cells = CellsOf(one);
    ASSERT_TRUE(cells.ok()) << "seed " << seed << ": " << cells.status();
    const size_t step = std::max<size_t>(1, cells->size() / kCellsPerCase);
    for (size_t i = 0; i < cells->size(); i += step) {
      for (size_t metric = 0; metric < one.query.metrics.size(); ++metric) {
        RowsQuery rows = (*cells)[i].rows;
        rows.metric = one.query.metrics[metric].name;
        const absl::StatusOr<ResultText> found = RunRows(rows, one.query, one.scope);
        ASSERT_TRUE(found.ok()) << "seed " << seed << " cell " << i << ": " << found.status();
        const auto expected = static_cast<size_t>((*cells)[i].counts[metric]);
        ASSERT_EQ(found->rows.size(), expected)
            << "seed " << seed << " cell " << i << " metric " << metric << " of " << rows.series
            << " from " << rows.start;
        ++num_compared;
        num_rows += expected;
      }
    }
  }
  EXPECT_GT(num_compared, kNumSeeds * 5) << "most results are empty: the cases test little";
  EXPECT_GT(num_rows, num_compared);
}

}  // namespace
}  // namespace sextant
