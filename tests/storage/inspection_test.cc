#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "storage/refresh_loop.h"
#include "tests/storage/fake_source.h"
#include "tests/testing/manual_clock.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
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

  absl::Status Inspect(const std::vector<std::string>& datasets, InspectSnapshot inspect,
                       std::stop_token cancel = {}) {
    auto promise = std::make_shared<std::promise<absl::Status>>();
    std::future<absl::Status> done = promise->get_future();
    const absl::Status started = loop_->Inspect(
        datasets,
        {.inspect = std::move(inspect),
         .done = [promise](absl::Status status) { promise->set_value(std::move(status)); },
         .cancel = std::move(cancel)});
    return started.ok() ? done.get() : started;
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
      Inspect({"b", "a"}, [&](SourceConnection& source, const auto& tables, std::stop_token stop) {
        for (const auto& table : tables) names.push_back(table->identity().dataset);
        auto answer = source.Query("select", 1'000'000, stop);
        if (answer.ok()) rows = *std::move(answer);
        return answer.status();
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

TEST_F(InspectionTest, DatasetsOfSeveralSourcesHaveNoCommonSnapshot) {
  const absl::Status status =
      Inspect({"a", "far"}, [](auto&, const auto&, auto) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(source_.journal(), IsEmpty());
}

TEST_F(InspectionTest, AnUnknownDatasetIsNotFound) {
  const absl::Status status =
      Inspect({"c"}, [](auto&, const auto&, auto) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace sextant
