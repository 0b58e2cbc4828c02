// Filters over 300,000 rows, by scan (argument 0) and with the indexes of every chunk (1). Run as
//   filter_bench --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
#include <benchmark/benchmark.h>

#include <set>

#include "compute/column/bitmap.h"
#include "compute/memory/check.h"
#include "compute/operators/filter.h"
#include "compute/operators/value_ordering.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint32_t kNumRows = 300'000;
constexpr uint64_t kNumAuthors = 20'000;
constexpr uint64_t kNumReviewers = 2'000;
constexpr int64_t kMinuteUs = 60'000'000;

enum BenchColumn : ColumnIndex { kAuthor, kReviewers, kLabels, kBranch, kFlags, kTime = 8 };

std::string Name(uint64_t number) { return "person-" + std::to_string(number); }

std::shared_ptr<const Table> MakeTable() {
  RandomDraws draws(1);
  std::vector<ColumnCells> columns = {{"author", DataType::Of(TypeKind::kText), {}},
                                      {"reviewers", DataType::ListOf(TypeKind::kText), {}},
                                      {"labels", DataType::ListOf(TypeKind::kText), {}},
                                      {"branch", DataType::Of(TypeKind::kText), {}}};
  for (int i = 0; i < 4; ++i) {
    columns.push_back({"flag" + std::to_string(i), DataType::Of(TypeKind::kBool), {}});
  }
  columns.push_back({"time", DataType::Of(TypeKind::kTimestamp), {}});
  const auto add = [&](ColumnIndex column, Cell cell) {
    columns[column].cells.push_back(std::move(cell));
  };
  const auto add_list = [&](ColumnIndex column, uint64_t longest, uint64_t num_values) {
    std::vector<Cell> elements;
    for (uint64_t i = draws.Below(longest + 1); i > 0; --i) {
      elements.push_back(Text(Name(draws.Below(num_values))));
    }
    add(column, List(std::move(elements)));
  };
  for (uint32_t row = 0; row < kNumRows; ++row) {
    add(kAuthor, Text(Name(row < 4'096 ? draws.Below(200) : draws.Below(kNumAuthors))));
    add_list(kReviewers, 4, kNumReviewers);
    add_list(kLabels, 2, 20);
    add(kBranch, Text(draws.OneIn(8) ? Name(draws.Below(10)) : "main"));
    for (ColumnIndex i = 0; i < 4; ++i) add(kFlags + i, Bool(draws.OneIn(i + 2)));
    add(kTime, Int(static_cast<int64_t>(row) * kMinuteUs));
  }
  return TableOf(columns);
}

const Table& TableWith(bool with_indexes) {
  static const auto tables = [] {
    auto scanned = MakeTable();
    auto indexed = MakeTable();
    for (uint32_t i = 0; i < indexed->num_chunks(); ++i) {
      const ChunkData& data = indexed->chunk(i).data();
      for (uint32_t column = 0; column < data.num_columns(); ++column) {
        if (!ValueIndex::Fits(data.column(column))) continue;
        auto index = ValueIndex::Build(data.column(column), TestBudget());
        SEXTANT_CHECK(index.ok()) << index.status();
        data.SetIndex(column, *std::move(index));
      }
    }
    return std::make_pair(scanned, indexed);
  }();
  return with_indexes ? *tables.second : *tables.first;
}

BoundValue ValueOf(ColumnIndex column) {
  BoundValue value;
  value.column = column;
  value.type = TableWith(false).schema().field(column).type;
  return value;
}

std::vector<std::string> Names(uint64_t count, uint64_t num_values) {
  std::set<std::string> names;
  for (uint64_t i = 0; i < count; ++i) names.insert(Name(i * (num_values / count)));
  return {names.begin(), names.end()};
}

BoundPredicate AnyOf(ColumnIndex column, std::vector<std::string> names) {
  ListLeaf leaf;
  leaf.value = ValueOf(column);
  leaf.texts = std::move(names);
  return {leaf};
}

BoundPredicate IsTrue(ColumnIndex column) { return {IntegerRangeLeaf{ValueOf(column), 1, 1}}; }

BoundPredicate TimeRange(uint32_t first_row, uint32_t last_row) {
  return {IntegerRangeLeaf{ValueOf(kTime), first_row * kMinuteUs, last_row * kMinuteUs}};
}

void Measure(benchmark::State& state, const Table& table, const BoundPredicate& predicate) {
  const auto filter = Filter::Create(predicate, table, TestBudget());
  auto scratch = filter->MakeScratch(TestBudget());
  std::vector<uint64_t> words(BitmapWords(kMaxChunkRows));
  uint64_t num_kept = 0;
  for (auto _ : state) {
    num_kept = 0;
    for (uint32_t i = 0; i < table.num_chunks(); ++i) {
      const Chunk& chunk = table.chunk(i);
      if (filter->Skips(chunk)) continue;
      const Selection selection{words.data(), 0,
                                static_cast<uint32_t>(BitmapWords(chunk.num_rows()))};
      selection.Clear();
      SetBitRange(words, 0, chunk.num_rows());
      filter->Narrow(chunk, selection, *scratch);
      num_kept += CountSelected(selection);
    }
  }
  state.counters["kept"] = static_cast<double>(num_kept);
}
void Measure(benchmark::State& state, const BoundPredicate& predicate) {
  Measure(state, TableWith(state.range(0) != 0), predicate);
}

void InOf300(benchmark::State& state) {
  Measure(state, {TextSetLeaf{ValueOf(kAuthor), Names(300, kNumAuthors)}});
}
void InOf1(benchmark::State& state) {
  Measure(state, {TextSetLeaf{ValueOf(kAuthor), Names(1, kNumAuthors)}});
}
void AnyOf20Reviewers(benchmark::State& state) {
  Measure(state, AnyOf(kReviewers, Names(20, kNumReviewers)));
}
void NoneOf2Labels(benchmark::State& state) {
  BoundPredicate predicate = AnyOf(kLabels, Names(2, 20));
  predicate.negated = true;
  Measure(state, predicate);
}
void FiveFlags(benchmark::State& state) {
  Measure(state, {AndNode{{IsTrue(kFlags),
                           IsTrue(kFlags + 1),
                           IsTrue(kFlags + 2),
                           {TextSetLeaf{ValueOf(kBranch), {"main"}}},
                           AnyOf(kLabels, Names(2, 20))}}});
}
void RangeOfTime(benchmark::State& state) { Measure(state, TimeRange(100'000, 150'000)); }
void NineFilters(benchmark::State& state) {
  Measure(state, {AndNode{{TimeRange(20'000, 250'000),
                           {TextSetLeaf{ValueOf(kAuthor), Names(4'000, kNumAuthors)}},
                           AnyOf(kReviewers, Names(500, kNumReviewers)),
                           IsTrue(kFlags),
                           IsTrue(kFlags + 1),
                           IsTrue(kFlags + 2),
                           {IntegerRangeLeaf{ValueOf(kFlags + 3), 1, 1}, true},
                           {TextSetLeaf{ValueOf(kBranch), {"main"}}},
                           AnyOf(kLabels, Names(5, 20))}}});
}

BENCHMARK(InOf300)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(InOf1)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(AnyOf20Reviewers)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(NoneOf2Labels)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(FiveFlags)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(RangeOfTime)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(NineFilters)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// Columns in no order, of numbers from 0 to kSpan: of 16 and 32 bits, floats, of 128 bits; and of
/// texts that are all different.
constexpr int64_t kSpan = 60'000;
constexpr int64_t kWideStep = 1'000;

const Table& Unordered(bool has_orders) {
  static const auto tables = [] {
    const auto make = [] {
      RandomDraws draws(1);
      std::vector<ColumnCells> columns = {{"int16", DataType::Of(TypeKind::kInt64), {}},
                                          {"int32", DataType::Of(TypeKind::kInt64), {}},
                                          {"float", DataType::Of(TypeKind::kFloat64), {}},
                                          {"wide", DataType::Decimal(30, 0), {}},
                                          {"text", DataType::Of(TypeKind::kText), {}}};
      for (uint32_t row = 0; row < kNumRows; ++row) {
        const auto value = [&draws] { return static_cast<int64_t>(draws.Below(kSpan)); };
        columns[0].cells.push_back(Int(value()));
        columns[1].cells.push_back(Int(value() * kWideStep));
        columns[2].cells.push_back(Float(static_cast<double>(value())));
        columns[3].cells.push_back(Decimal(value()));
        columns[4].cells.push_back(Text(Name(uint64_t{row} * 7'919 % kNumRows)));
      }
      return TableOf(columns);
    };
    auto ordered = make();
    for (uint32_t i = 0; i < ordered->num_chunks(); ++i) {
      const ChunkData& data = ordered->chunk(i).data();
      for (uint32_t column = 0; column < data.num_columns(); ++column) {
        data.SetOrder(column, *OrderByValue(data.column(column), TestBudget()));
      }
    }
    return std::make_pair(make(), std::move(ordered));
  }();
  return has_orders ? *tables.second : *tables.first;
}

/// Arguments: with orders, the column, and how many of a thousand rows are kept.
void RangeOfUnordered(benchmark::State& state) {
  const Table& table = Unordered(state.range(0) != 0);
  BoundValue value;
  value.column = static_cast<ColumnIndex>(state.range(1));
  value.type = table.schema().field(value.column).type;
  const int64_t low = kSpan / 5;
  const int64_t high = low + kSpan * state.range(2) / 1'000 - 1;
  switch (value.column) {
    case 0:
      return Measure(state, table, {IntegerRangeLeaf{value, low, high}});
    case 1:
      return Measure(state, table, {IntegerRangeLeaf{value, low * kWideStep, high * kWideStep}});
    case 2:
      return Measure(state, table,
                     {IntegerRangeLeaf{value, FloatKey(static_cast<double>(low)),
                                       FloatKey(static_cast<double>(high))}});
    default:
      return Measure(state, table, {WideRangeLeaf{value, low, high}});
  }
}
BENCHMARK(RangeOfUnordered)
    ->ArgsProduct({{0, 1}, {0, 1, 2, 3}, {1, 10, 50, 200}})
    ->Unit(benchmark::kMicrosecond);

/// Arguments: with orders, and how many texts are looked for.
void TextsOfUnordered(benchmark::State& state) {
  const Table& table = Unordered(state.range(0) != 0);
  BoundValue value;
  value.column = 4;
  value.type = table.schema().field(value.column).type;
  Measure(state, table,
          {TextSetLeaf{value, Names(static_cast<uint64_t>(state.range(1)), kNumRows)}});
}
BENCHMARK(TextsOfUnordered)->ArgsProduct({{0, 1}, {1, 100}})->Unit(benchmark::kMicrosecond);

void OrderOfValues(benchmark::State& state) {
  const Column& column = Unordered(false).chunk(0).column(static_cast<ColumnIndex>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(OrderByValue(column, TestBudget()));
}
BENCHMARK(OrderOfValues)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);

/// All indexes of the table; bytes beside those of its columns.
void BuildAll(benchmark::State& state) {
  const Table& table = TableWith(false);
  size_t index_bytes = 0;
  for (auto _ : state) {
    index_bytes = 0;
    for (uint32_t i = 0; i < table.num_chunks(); ++i) {
      const ChunkData& data = table.chunk(i).data();
      for (uint32_t column = 0; column < data.num_columns(); ++column) {
        if (!ValueIndex::Fits(data.column(column))) continue;
        index_bytes += (*ValueIndex::Build(data.column(column), TestBudget()))->reserved_bytes();
      }
    }
  }
  size_t column_bytes = 0;
  for (uint32_t i = 0; i < table.num_chunks(); ++i) column_bytes += table.chunk(i).reserved_bytes();
  state.counters["index_bytes"] = static_cast<double>(index_bytes);
  state.counters["column_bytes"] = static_cast<double>(column_bytes);
}
BENCHMARK(BuildAll)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sextant

BENCHMARK_MAIN();
