// Conditions on linked rows over 300,000 pull requests, with 200,000 issues, 900,000 reviews and
// 400,000 pairs of a bridge, in no order: what a filter takes from its compilation on, one thread.
// Argument 1: with the indexes of every chunk. And what linking takes. Run as
//   link_bench --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compute/column/bitmap.h"
#include "compute/column/table_links.h"
#include "compute/exec/links/group_linker.h"
#include "compute/memory/check.h"
#include "compute/operators/filter.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/expression_parser.h"
#include "tests/testing/random_table.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

constexpr uint64_t kNumPulls = 300'000;
constexpr uint64_t kNumIssues = 200'000;
constexpr uint64_t kNumReviews = 900'000;
constexpr uint64_t kNumPairs = 400'000;

using Tables = std::vector<std::shared_ptr<const Table>>;

const DataType kInt = DataType::Of(TypeKind::kInt64);
const DataType kText = DataType::Of(TypeKind::kText);

Cell Key(RandomDraws& draws, uint64_t below) {
  return draws.OneIn(10) ? Null() : Int(static_cast<int64_t>(draws.Below(below)));
}

Tables Unlinked() {
  RandomDraws draws(1);
  std::vector<ColumnCells> pulls = {{"id", kInt, {}}, {"issue_id", kInt, {}}, {"lines", kInt, {}}};
  for (uint64_t i = 0; i < kNumPulls; ++i) {
    pulls[0].cells.push_back(Int(static_cast<int64_t>(i)));
    pulls[1].cells.push_back(Key(draws, kNumIssues));
    pulls[2].cells.push_back(Int(static_cast<int64_t>(draws.Below(1000))));
  }
  std::vector<ColumnCells> issues = {
      {"id", kInt, {}}, {"priority", kText, {}}, {"points", kInt, {}}, {"title", kText, {}}};
  for (uint64_t i = 0; i < kNumIssues; ++i) {
    issues[0].cells.push_back(Int(static_cast<int64_t>(kNumIssues - 1 - i)));
    issues[1].cells.push_back(Text("P" + std::to_string(draws.Below(5))));
    issues[2].cells.push_back(Int(static_cast<int64_t>(draws.Below(100))));
    issues[3].cells.push_back(Text("an issue of number " + std::to_string(draws.Below(1'000'000))));
  }
  std::vector<ColumnCells> reviews = {
      {"pull_id", kInt, {}}, {"state", kText, {}}, {"at", kInt, {}}};
  for (uint64_t i = 0; i < kNumReviews; ++i) {
    reviews[0].cells.push_back(Key(draws, kNumPulls));
    reviews[1].cells.push_back(Text(draws.OneIn(3) ? "APPROVED" : "COMMENTED"));
    reviews[2].cells.push_back(Int(static_cast<int64_t>(draws.Below(1'000'000'000))));
  }
  std::vector<ColumnCells> pairs = {{"pull_id", kInt, {}}, {"issue_id", kInt, {}}};
  for (uint64_t i = 0; i < kNumPairs; ++i) {
    pairs[0].cells.push_back(Key(draws, kNumPulls));
    pairs[1].cells.push_back(Key(draws, kNumIssues));
  }
  return {TableOf(pulls, {.key = {"id"}, .dataset = "pulls"}),
          TableOf(issues, {.key = {"id"}, .dataset = "issues"}),
          TableOf(reviews, {.dataset = "reviews"}), TableOf(pairs, {.dataset = "pairs"})};
}

std::map<std::string, LinkSection> Section(const std::string& name) {
  std::map<std::string, LinkSection> sections;
  LinkSection& section = sections["pulls"];
  if (name == "issue" || name == "attributes") {
    section.links.push_back(
        {.name = "issue", .dataset = "issues", .own = {"issue_id"}, .other = {"id"}});
    if (name == "attributes") section.links[0].attributes = {"priority", "points", "title"};
  } else if (name == "issues") {
    section.links.push_back({.name = "issues",
                             .dataset = "issues",
                             .via = "pairs",
                             .own = {"id"},
                             .bridge_own = {"pull_id"},
                             .bridge_other = {"issue_id"},
                             .other = {"id"}});
  } else {
    section.links.push_back(
        {.name = "reviews", .dataset = "reviews", .own = {"id"}, .other = {"pull_id"}});
    if (name == "children") section.children = {{"n", "count(reviews)"}, {"f", "min(reviews.at)"}};
  }
  return sections;
}

const Tables& Base() {
  static const Tables& tables = *new Tables(Unlinked());
  return tables;
}

const Table& Pulls(bool with_indexes) {
  static const auto linked = [] {
    std::vector<std::shared_ptr<const Table>> both;
    for (int i = 0; i < 2; ++i) {
      std::map<std::string, LinkSection> sections = Section("attributes");
      for (const char* more : {"issues", "reviews"}) {
        const LinkSection section = Section(more)["pulls"];
        sections["pulls"].links.push_back(section.links[0]);
      }
      both.push_back(GroupLinker(std::move(sections)).Link(Unlinked(), TestBudget()).value()[0]);
    }
    const auto index = [](const Table& table) {
      for (uint32_t i = 0; i < table.num_chunks(); ++i) {
        const ChunkData& data = table.chunk(i).data();
        for (uint32_t column = 0; column < data.num_columns(); ++column) {
          if (!ValueIndex::Fits(data.column(column))) continue;
          auto built = ValueIndex::Build(data.column(column), TestBudget());
          SEXTANT_CHECK(built.ok()) << built.status();
          data.SetIndex(column, *std::move(built));
        }
      }
    };
    index(*both[1]);
    for (const TableLinks::Link& link : both[1]->links()->links) index(*link.target);
    return both;
  }();
  return *linked[with_indexes ? 1 : 0];
}

void Measure(benchmark::State& state, const char* text) {
  const Table& table = Pulls(state.range(0) != 0);
  const PredicateContext context = {table.schema(), absl::UTCTimeZone(), QueryLimits()};
  const BoundPredicate predicate =
      BindPredicate(context, ParseFilter(text, "where").value()).value();
  std::vector<uint64_t> words(BitmapWords(kMaxChunkRows));
  uint64_t num_kept = 0;
  for (auto _ : state) {
    num_kept = 0;
    const auto filter = Filter::Create(predicate, table, TestBudget());
    auto scratch = filter->MakeScratch(TestBudget());
    for (uint32_t i = 0; i < table.num_chunks(); ++i) {
      const Chunk& chunk = table.chunk(i);
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

BENCHMARK_CAPTURE(Measure, one_text, "exists_in(issue, priority = 'P1')")->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(Measure, one_range, "exists_in(issue, points < 50)")->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(Measure, one_none, "none_in(issue, priority = 'P1')")->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(Measure, attribute, "issue.priority = 'P1'")->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(Measure, children, "exists_in(reviews, state = 'APPROVED')")->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(Measure, bridge, "exists_in(issues, priority = 'P1')")->Arg(0)->Arg(1);
BENCHMARK_CAPTURE(Measure, any_child, "exists_in(reviews)")->Arg(0);
BENCHMARK_CAPTURE(Measure, nested,
                  "exists_in(issue, priority = 'P1') AND exists_in(reviews, state = 'APPROVED')")
    ->Arg(1);

void Link(benchmark::State& state, const char* section) {
  const GroupLinker linker(Section(section));
  for (auto _ : state) benchmark::DoNotOptimize(linker.Link(Base(), TestBudget()).value());
}

BENCHMARK_CAPTURE(Link, one, "issue")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Link, three_attributes, "attributes")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Link, many, "reviews")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Link, two_children, "children")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Link, bridge, "issues")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sextant

BENCHMARK_MAIN();
