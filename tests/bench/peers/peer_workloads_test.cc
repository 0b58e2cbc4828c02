#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compute/memory/memory_budget.h"
#include "compute/plan/binder.h"
#include "tests/bench/peers/csv_sink.h"
#include "tests/bench/peers/datasets.h"
#include "tests/bench/peers/query_spec.h"
#include "tests/bench/peers/spec_query.h"
#include "tests/bench/peers/table_sink.h"

namespace sextant::peers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The header, then a line per row.
std::vector<std::string> CsvOf(const Dataset& dataset, uint64_t num_rows) {
  std::ostringstream output;
  CsvSink sink(dataset.fields, output);
  EXPECT_TRUE(dataset.Generate(num_rows, sink).ok());
  return absl::StrSplit(output.str(), '\n', absl::SkipEmpty());
}

std::vector<QuerySpec> Specs() {
  std::vector<QuerySpec> all;
  for (const char* workload : {"A", "C", "E", "S"}) {
    const auto specs = ReadSpecs(absl::StrCat(SEXTANT_PEER_SPECS, "/", workload, ".json"));
    EXPECT_TRUE(specs.ok()) << specs.status();
    if (specs.ok()) all.insert(all.end(), specs->begin(), specs->end());
  }
  return all;
}

absl::Status BindingOf(const QuerySpec& spec) {
  const auto schema = std::make_shared<const Schema>(SchemaOf(*FindDataset(spec.dataset)));
  return Bind(QueryOf(spec), schema, 0).status();
}

TEST(PeerWorkloadsTest, GroupingRowsAreTheSameEverywhere) {
  const std::vector<std::string> lines = CsvOf(*FindDataset("h2o"), 1000);
  EXPECT_EQ(lines.at(1), "id081,id077,id0000000002,93,1,4,2,5,64.904571");
  EXPECT_EQ(lines.at(1000), "id093,id064,id0000000009,5,14,5,2,2,11.638732");
}

TEST(PeerWorkloadsTest, PullRequestsAreTheSameEverywhere) {
  const std::vector<std::string> lines = CsvOf(*FindDataset("pr"), 1000);
  EXPECT_EQ(lines.at(1),
            "1,org/repo-029,user-0069,,,\"{user-1348,user-0669,user-0074}\",\"{label-08}\",main,,"
            "Java,2023-01-01 04:59:01+00,2022-12-29 10:41:08+00,2023-01-01 14:49:47+00,"
            "2023-01-01 15:22:44+00,2023-01-03 18:15:00+00,,2023-01-05 06:22:28+00,,,"
            "2023-01-05 06:22:28+00,547,178,725,1,9,10,12,3,4,0,0,PROJ04-3009,PROJ04,Trivial,story,"
            "9.5,false,true,false,false,false,,37423");
  EXPECT_THAT(lines.at(1000), HasSubstr("{label-60,label-13,label-06,label-31}"));
}

TEST(PeerWorkloadsTest, ATableHasEveryRowOfItsDataset) {
  for (const Dataset& dataset : Datasets()) {
    MemoryBudget budget("test");
    const auto table = MakeTable(dataset, 70'000, budget);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ((*table)->num_live_rows(), 70'000) << dataset.name;
  }
}

TEST(PeerWorkloadsTest, ThereIsNoDatasetOfAnotherName) { EXPECT_EQ(FindDataset("ssb"), nullptr); }

TEST(PeerWorkloadsTest, EverySpecBinds) {
  for (const QuerySpec& spec : Specs()) {
    EXPECT_TRUE(BindingOf(spec).ok()) << spec.id << ": " << BindingOf(spec);
  }
}

TEST(PeerWorkloadsTest, EverySpecBindsWithOtherLiterals) {
  for (const QuerySpec& spec : Specs()) {
    for (int variation = 1; variation < 20; ++variation) {
      EXPECT_TRUE(BindingOf(Varied(spec, variation)).ok()) << spec.id << " " << variation;
    }
  }
}

TEST(PeerWorkloadsTest, AVariationHasOtherLiterals) {
  QuerySpec spec;
  spec.filters = {{.column = "closed", .op = "range", .low = "2024-01-01 00:00:00"},
                  {.column = "size", .op = "between", .low = "20", .high = "1500"},
                  {.column = "author", .op = "in", .values = {"user-0001", "user-0009"}}};
  const QuerySpec varied = Varied(spec, 2);
  EXPECT_EQ(varied.filters[0].low, "2024-01-01 00:00:02");
  EXPECT_EQ(varied.filters[1].high, "1502");
  EXPECT_EQ(varied.filters[2].values.back(), "user-0012");
}

TEST(PeerWorkloadsTest, SpecsOfAnotherFormAreRefused) {
  const std::string path = testing::TempDir() + "/specs_of_another_form.json";
  std::ofstream(path) << R"([{"id": "A.q1"}])";
  EXPECT_EQ(ReadSpecs(path).status().code(), absl::StatusCode::kInvalidArgument);
  std::ofstream(path) << "[";
  EXPECT_EQ(ReadSpecs(path).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PeerWorkloadsTest, ValuesMayBeCountedOut) {
  const std::string path = testing::TempDir() + "/specs_of_many_values.json";
  std::ofstream(path) << R"([{"id": "S.1", "dataset": "pr", "keys": [], "measures": [], "filters": [
      {"col": "jira_id", "op": "in", "values": {"prefix": "P-", "from": 9, "to": 11}},
      {"col": "size", "op": "in", "values": {"from": 2, "to": 7, "step": 2}}]}])";
  const auto specs = ReadSpecs(path);
  ASSERT_TRUE(specs.ok()) << specs.status();
  EXPECT_THAT(specs->front().filters[0].values, ElementsAre("P-9", "P-10", "P-11"));
  EXPECT_FALSE(specs->front().filters[0].is_number);
  EXPECT_THAT(specs->front().filters[1].values, ElementsAre("2", "4", "6"));
  EXPECT_TRUE(specs->front().filters[1].is_number);
}

TEST(PeerWorkloadsTest, OneSpecCanBeChosen) {
  const auto specs = ReadSpecs(SEXTANT_PEER_SPECS "/E.json", "E.filter100");
  ASSERT_TRUE(specs.ok()) << specs.status();
  ASSERT_EQ(specs->size(), 1);
  EXPECT_EQ(specs->front().id, "E.filter100");
}

TEST(PeerWorkloadsTest, ASpecThatThereIsNotIsRefusedWithThoseThatThereAre) {
  const absl::Status status = ReadSpecs(SEXTANT_PEER_SPECS "/E.json", "E.filter").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("found 'E.filter', allowed: E.agg1000, E"));
}

TEST(PeerWorkloadsTest, SpecsThatAreNotThereAreNotFound) {
  EXPECT_EQ(ReadSpecs("no/such/specs.json").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace sextant::peers
