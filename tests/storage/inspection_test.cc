#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "compute/plan/error_detail.h"
#include "storage/refresh_loop.h"
#include "tests/storage/fake_source.h"
#include "tests/testing/manual_clock.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

class InspectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    spec_.sources.push_back({.name = "warehouse", .conninfo = "", .max_connections = 2});
    spec_.sources.push_back({.name = "other", .conninfo = "", .max_connections = 1});
    for (const char* name : {"a", "b", "far"}) {
      DatasetSpec& dataset = spec_.datasets.emplace_back();
      dataset.name = name;
      dataset.source = dataset.name == "far" ? "other" : "warehouse";
    }
    cache_ = std::make_unique<TableCache>(spec_);
    loop_ = std::make_unique<RefreshLoop>(
        spec_, *cache_, [this](const SourceSpec&) { return source_.Factory(); },
        [](const LoadEvent&) {}, clock_, RefreshSchedule::Retry{.seed = 7});
  }

  /// The result to come, of a test that looks on meanwhile.
  std::future<absl::Status> Begin(const std::vector<std::string>& datasets, InspectSnapshot inspect,
                                  std::stop_token cancel = {}) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    const absl::Status started = loop_->Inspect(
        datasets,
        {.inspect = std::move(inspect),
         .done = [promise](absl::Status status) { promise->set_value(std::move(status)); },
         .cancel = std::move(cancel)});
    if (!started.ok()) promise->set_value(started);
    return promise->get_future();
  }

  absl::Status Inspect(const std::vector<std::string>& datasets, InspectSnapshot inspect,
                       std::stop_token cancel = {}) {
    return Begin(datasets, std::move(inspect), std::move(cancel)).get();
  }

  StorageSpec spec_;
  ManualClock clock_;
  FakeSource source_;
  std::unique_ptr<TableCache> cache_;
  std::unique_ptr<RefreshLoop> loop_;
};

TEST_F(InspectionTest, SeesTheTablesInTheOrderAskedAndMayQueryTheirSource) {
  std::vector<std::string> names;
  std::vector<SourceRow> rows;
  const absl::Status status =
      Inspect({"b", "a"}, [&](const QuerySnapshot& query, const auto& tables, auto) {
        for (const auto& table : tables) names.push_back(table->identity().dataset);
        return query("select", [&](SourceRow row) {
          rows.push_back(std::move(row));
          return absl::OkStatus();
        });
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(names, ElementsAre("b", "a"));
  EXPECT_THAT(rows, SizeIs(1));
}

TEST_F(InspectionTest, AllIsReadByOneConnectionInOneSnapshot) {
  ASSERT_TRUE(Inspect({"a", "b"}, [](auto&, const auto&, auto) { return absl::OkStatus(); }).ok());
  EXPECT_THAT(source_.journal("connect"), SizeIs(1));
  EXPECT_THAT(source_.journal(), Not(Contains(StartsWith("follow"))));
  EXPECT_THAT(source_.journal("end"), SizeIs(1));
}

TEST_F(InspectionTest, NothingIsPublished) {
  ASSERT_TRUE(Inspect({"a"}, [](auto&, const auto&, auto) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(cache_->StatusOf("a")->version, 0u);
}

TEST_F(InspectionTest, AnErrorOfTheInspectorIsItsResult) {
  const absl::Status status = Inspect(
      {"a"}, [](auto&, const auto&, auto) { return absl::FailedPreconditionError("differs"); });
  EXPECT_EQ(status.message(), "differs");
}

TEST_F(InspectionTest, AFailedLoadIsTheResultAndNothingIsInspected) {
  source_.SetLoadStatus("a", absl::UnavailableError("gone"));
  bool inspected = false;
  const absl::Status status = Inspect({"a"}, [&](auto&, const auto&, auto) {
    inspected = true;
    return absl::OkStatus();
  });
  EXPECT_EQ(status.message(), "gone");
  EXPECT_FALSE(inspected);
}

TEST_F(InspectionTest, ACallerThatIsGoneStopsTheLoad) {
  source_.Hold("a");
  std::stop_source caller;
  caller.request_stop();
  const absl::Status status = Inspect(
      {"a"}, [](auto&, const auto&, auto) { return absl::OkStatus(); }, caller.get_token());
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST_F(InspectionTest, ACallerThatIsGoneLeavesTheQueueAtOnce) {
  source_.Hold("far");
  auto first = Begin({"far"}, [](auto&, const auto&, auto) { return absl::OkStatus(); });
  source_.Await("load far");
  std::stop_source caller;
  auto second = Begin(
      {"far"}, [](auto&, const auto&, auto) { return absl::OkStatus(); }, caller.get_token());
  caller.request_stop();
  // The only connection of the source is still busy.
  EXPECT_EQ(second.get().code(), absl::StatusCode::kCancelled);
  source_.Release("far");
  EXPECT_TRUE(first.get().ok());
  EXPECT_THAT(source_.journal("lead"), SizeIs(1));
}

TEST_F(InspectionTest, ACallerThatGoesWhileItIsInspectedStopsThat) {
  std::stop_source caller;
  source_.Hold("select");
  auto done = Begin(
      {"a"},
      [](const QuerySnapshot& query, const auto&, auto) {
        return query("select", [](SourceRow) { return absl::OkStatus(); });
      },
      caller.get_token());
  source_.Await("query select");
  caller.request_stop();
  EXPECT_EQ(done.get().code(), absl::StatusCode::kCancelled);
}

TEST_F(InspectionTest, ItsTablesAreGoneWhenItsEndIsTold) {
  std::weak_ptr<const Table> table;
  bool is_gone = false;
  std::promise<void> done;
  ASSERT_TRUE(loop_
                  ->Inspect({"a"}, {.inspect =
                                        [&](auto&, const auto& tables, auto) {
                                          table = tables[0];
                                          return absl::OkStatus();
                                        },
                                    .done =
                                        [&](const absl::Status&) {
                                          is_gone = table.expired();
                                          done.set_value();
                                        }})
                  .ok());
  done.get_future().get();
  EXPECT_TRUE(is_gone);
}

TEST_F(InspectionTest, ItsOwnErrorLeavesTheConnectionAsItIs) {
  ASSERT_FALSE(Inspect({"a"}, [](auto&, const auto&, auto) {
                 return absl::FailedPreconditionError("differs");
               }).ok());
  EXPECT_EQ(loop_->stats().reconnects, 0u);
  EXPECT_THAT(source_.journal("end"), SizeIs(1));
}

TEST_F(InspectionTest, AnErrorOfTheSourceSpoilsTheConnection) {
  const auto refuse = [](SourceRow) { return absl::ResourceExhaustedError("too large"); };
  ASSERT_FALSE(Inspect({"far"}, [&](const QuerySnapshot& query, const auto&, auto) {
                 return query("select", refuse);
               }).ok());
  ASSERT_TRUE(Inspect({"far"}, [](auto&, const auto&, auto) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(loop_->stats().reconnects, 1u);
}

TEST_F(InspectionTest, TellsWhenItHasWaitedAndUntilWhenTheServerMayWork) {
  std::vector<std::string> order;
  std::promise<absl::Status> done;
  ASSERT_TRUE(loop_
                  ->Inspect({"a"}, {.inspect =
                                        [&](auto&, const auto&, auto) {
                                          order.emplace_back("inspect");
                                          return absl::OkStatus();
                                        },
                                    .done = [&](absl::Status status) { done.set_value(status); },
                                    .started = [&] { order.emplace_back("started"); },
                                    .deadline_us = 4'000'000})
                  .ok());
  ASSERT_TRUE(done.get_future().get().ok());
  EXPECT_THAT(order, ElementsAre("started", "inspect"));
  EXPECT_EQ(source_.deadline_us(), 4'000'000);
}

TEST_F(InspectionTest, DatasetsOfSeveralSourcesHaveNoCommonSnapshot) {
  const absl::Status status =
      Inspect({"a", "far"}, [](auto&, const auto&, auto) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "DIFFERENT_SOURCES");
  EXPECT_THAT(DetailOf(status)->metadata,
              ElementsAre(Pair("dataset", "a"), Pair("other_dataset", "far")));
  EXPECT_THAT(source_.journal(), IsEmpty());
}

TEST_F(InspectionTest, AnUnknownDatasetIsNotFound) {
  const absl::Status status =
      Inspect({"c"}, [](auto&, const auto&, auto) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("is not declared in the catalogue; allowed: a, "));
}

}  // namespace
}  // namespace sextant
