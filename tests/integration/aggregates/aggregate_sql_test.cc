#include "storage/postgres/query_sql/aggregate_sql.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "tests/integration/aggregates/comparison.h"

namespace sextant {
namespace {

/// What the product prints for an aggregate over the rows of `samples`.
std::string Printed(const Table& table, const BoundAggregate& aggregate) {
  std::vector<std::string> unsupported;
  SqlScope scope;
  scope.schema = &table.schema();
  scope.unsupported = &unsupported;
  scope.column = [&](ColumnIndex index) {
    const std::string& name = table.schema().field(index).name;
    return name == "f4" ? "f4::float8" : OrderedColumn(name);
  };
  const AggregateSql sql = AggregateSqlOf(scope, aggregate, "");
  EXPECT_TRUE(unsupported.empty());
  return sql.value;
}

void AddPrinted(const Table& table, const BoundAggregate& aggregate, const std::string& bound,
                Comparison& comparison) {
  comparison.Add(aggregate, Printed(table, aggregate), bound);
}

TEST(AggregateSqlTest, SumsAndAveragesAgree_Rule3) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const std::string column : kNumbers) {
      const bool is_exact = column != "g8";
      const std::string number = absl::StrCat("(", NumberOf(column), ")::float8");
      const auto average = AggregateOf(table, AggregateKind::kAvg, column);
      AddPrinted(table, average,
                 With(is_exact && column != "f8" && column != "f4" ? "1e-15 * abs(avg($0))"
                                                                   : "1e-15 * sum(abs($0))",
                      number),
                 comparison);
      if (column == "i8") continue;  // may overflow
      const auto sum = AggregateOf(table, AggregateKind::kSum, column);
      comparison.Add(
          sum,
          With(column == "d2" || column == "w3" ? ShownForm(column) : "$0", Printed(table, sum)),
          With(is_exact ? "0" : "count($0) * 1e-15 * sum(abs($0))", number));
    }
  });
}

TEST(AggregateSqlTest, VariancesAgree_Rule2) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const auto& [kind, function] : {std::pair(AggregateKind::kVarSamp, "var_samp"),
                                         std::pair(AggregateKind::kVarPop, "var_pop"),
                                         std::pair(AggregateKind::kStddevSamp, "stddev_samp"),
                                         std::pair(AggregateKind::kStddevPop, "stddev_pop")}) {
      const bool is_root = kind == AggregateKind::kStddevSamp || kind == AggregateKind::kStddevPop;
      for (const char* const column : kExactNumbers) {
        const char* const variance =
            kind == AggregateKind::kStddevSamp || kind == AggregateKind::kVarSamp ? "var_samp"
                                                                                  : "var_pop";
        AddPrinted(table, AggregateOf(table, kind, column),
                   absl::Substitute(is_root ? "1e-15 * sqrt($0(($1)::numeric)::float8)"
                                            : "1e-15 * $0(($1)::numeric)::float8",
                                    variance, NumberOf(column)),
                   comparison);
      }
      for (const char* const column : {"f4", "f8", "g8"}) {
        AddPrinted(table, AggregateOf(table, kind, column),
                   With(is_root ? kDeviationBound : kVarianceBound, column), comparison);
      }
    }
  });
}

TEST(AggregateSqlTest, PercentilesAgree_Rule9) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const double fraction : {0.0, 0.3, 0.5, 1.0}) {
      for (const char* const column : kNumbers) {
        BoundAggregate aggregate = AggregateOf(table, AggregateKind::kPercentileCont, column);
        aggregate.fraction = fraction;
        AddPrinted(table, aggregate, "0", comparison);
      }
      for (const std::string column : kOrdered) {
        BoundAggregate aggregate = AggregateOf(table, AggregateKind::kPercentileDisc, column);
        aggregate.fraction = fraction;
        comparison.Add(aggregate,
                       With(column == "dur" ? "$0" : ShownForm(column), Printed(table, aggregate)));
      }
    }
  });
}

TEST(AggregateSqlTest, ExtremesModesAndCountsAgree_Rule9) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const std::string column : kOrdered) {
      for (const AggregateKind kind :
           {AggregateKind::kMin, AggregateKind::kMax, AggregateKind::kMode}) {
        const BoundAggregate aggregate = AggregateOf(table, kind, column);
        comparison.Add(aggregate,
                       With(column == "dur" ? "$0" : ShownForm(column), Printed(table, aggregate)));
      }
      AddPrinted(table, AggregateOf(table, AggregateKind::kCountDistinct, column), "0", comparison);
    }
    for (const AggregateKind kind : {AggregateKind::kBoolOr, AggregateKind::kBoolAnd}) {
      const BoundAggregate aggregate = AggregateOf(table, kind, "b");
      comparison.Add(aggregate, With("($0)::int", Printed(table, aggregate)));
    }
  });
}

TEST(AggregateSqlTest, PairsAndTheBestRowsAgree_Rule9) {
  ForEachSeed([](const RandomSamples& samples, Comparison& comparison) {
    const Table& table = *samples.table;
    for (const auto& [y, x] :
         {std::pair("f8", "i2"), std::pair("dur", "f4"), std::pair("w3", "d2")}) {
      const std::string bound =
          absl::Substitute(kCorrelationBound, absl::StrCat("(", NumberOf(y), ")::float8"),
                           absl::StrCat("(", NumberOf(x), ")::float8"));
      AddPrinted(table, AggregateOf(table, AggregateKind::kCorr, y, x), bound, comparison);
      AddPrinted(table, AggregateOf(table, AggregateKind::kRegrR2, y, x), "2 * " + bound,
                 comparison);
    }
    for (const std::string y : {"f8", "word", "state", "dur"}) {
      BoundAggregate aggregate = AggregateOf(table, AggregateKind::kTopValues, "name", y);
      aggregate.descending = true;
      aggregate.last = 3;
      aggregate.is_list = true;
      aggregate.result_type = DataType::ListOf(aggregate.result_type);
      comparison.Add(aggregate,
                     absl::StrCat("replace((", Printed(table, aggregate), ")::text, 'NULL', '-')"));
    }
  });
}

}  // namespace
}  // namespace sextant
