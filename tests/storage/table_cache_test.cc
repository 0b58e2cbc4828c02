#include "storage/table_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "compute/plan/error_detail.h"
#include "tests/testing/table_of.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StorageSpec TwoDatasets() {
  StorageSpec spec;
  spec.datasets.resize(2);
  spec.datasets[0].name = "commits";
  spec.datasets[0].group = "git";
  spec.datasets[0].required = true;
  spec.datasets[1].name = "authors";
  spec.datasets[1].group = "git";
  return spec;
}

std::shared_ptr<const Table> Version(const std::string& dataset, uint64_t version) {
  return TableOf({{"value", DataType::Of(TypeKind::kInt64), {Int(1), Int(2), Int(3)}}},
                 {.dataset = dataset, .version = version, .as_of_us = 77});
}

TEST(TableCacheTest, UnknownDatasetIsNotFoundWithTheNearestName) {
  const TableCache cache(TwoDatasets());
  const absl::Status status = cache.Pin("comits").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  const auto detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->resource_type, "dataset");
  EXPECT_EQ(detail->resource_name, "comits");
  EXPECT_THAT(detail->nearest, ElementsAre("commits"));
}

TEST(TableCacheTest, DatasetBeforeItsFirstPublicationIsUnavailableWithProgress) {
  TableCache cache(TwoDatasets());
  cache.LoadStarted("commits", 1000, 5);
  cache.LoadProgressed("commits", 250, 9000);
  const absl::Status status = cache.Pin("commits").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("250 rows so far of about 1000"));
  const auto detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->reason, "DATASET_LOADING");
  EXPECT_TRUE(detail->retry_after_s.has_value());
  EXPECT_THAT(detail->metadata,
              ElementsAre(std::pair<std::string, std::string>("rows", "250"),
                          std::pair<std::string, std::string>("expected_rows", "1000")));
}

TEST(TableCacheTest, PinGivesWhatWasPublished) {
  TableCache cache(TwoDatasets());
  const auto table = Version("commits", 1);
  cache.Publish({table}, 10, 20);
  EXPECT_EQ(cache.Pin("commits").value(), table);
}

TEST(TableCacheTest, PinnedVersionOutlivesItsSuccessor) {
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1)}, 10, 20);
  const auto pinned = cache.Pin("commits").value();
  cache.Publish({Version("commits", 2)}, 10, 20);
  EXPECT_EQ(pinned->identity().version, 1u);
  EXPECT_EQ(cache.Pin("commits").value()->identity().version, 2u);
}

TEST(TableCacheTest, PinOfSeveralFailsWhenOneIsNotPublished) {
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1)}, 10, 20);
  EXPECT_EQ(cache.Pin(std::vector<std::string>{"commits", "authors"}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(TableCacheTest, PinEachTellsWhatIsWrongWithOneInItsPlace) {
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1)}, 10, 20);
  const auto pinned = cache.PinEach({"authors", "commits", "comits"});
  ASSERT_THAT(pinned, SizeIs(3));
  EXPECT_EQ(pinned[0].status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ((*pinned[1])->identity().version, 1u);
  EXPECT_EQ(pinned[2].status().code(), absl::StatusCode::kNotFound);
}

TEST(TableCacheTest, PinOfSeveralKeepsTheOrderThatWasAsked) {
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1), Version("authors", 1)}, 10, 20);
  const auto pinned = cache.Pin(std::vector<std::string>{"authors", "commits"}).value();
  ASSERT_THAT(pinned, SizeIs(2));
  EXPECT_EQ(pinned[0]->identity().dataset, "authors");
  EXPECT_EQ(pinned[1]->identity().dataset, "commits");
}

TEST(TableCacheTest, VersionsGrowByOne) {
  TableCache cache(TwoDatasets());
  EXPECT_EQ(cache.NextVersion("commits"), 1u);
  cache.Publish({Version("commits", 1)}, 10, 20);
  EXPECT_EQ(cache.NextVersion("commits"), 2u);
  EXPECT_EQ(cache.NextVersion("authors"), 1u);
}

TEST(TableCacheTest, StatusTellsTheStateOfADataset) {
  TableCache cache(TwoDatasets());
  EXPECT_EQ(cache.StatusOf("commits")->state, DatasetState::kWaiting);
  cache.LoadStarted("commits", 0, 5);
  EXPECT_EQ(cache.StatusOf("commits")->state, DatasetState::kLoading);
  cache.Publish({Version("commits", 1)}, 10, 20);
  EXPECT_EQ(cache.StatusOf("commits")->state, DatasetState::kReady);
  cache.LoadStarted("commits", 0, 30);
  EXPECT_EQ(cache.StatusOf("commits")->state, DatasetState::kRefreshing);
}

TEST(TableCacheTest, PublicationFillsTheStatus) {
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1)}, 10, 20);
  const DatasetStatus status = cache.StatusOf("commits").value();
  EXPECT_EQ(status.group, "git");
  EXPECT_TRUE(status.required);
  EXPECT_EQ(status.version, 1u);
  EXPECT_EQ(status.rows, 3u);
  EXPECT_GT(status.bytes, 0u);
  EXPECT_EQ(status.as_of_us, 77);
  EXPECT_EQ(status.last_load_us, 10);
  EXPECT_EQ(status.published_wall_us, 20);
  EXPECT_EQ(status.loads_ok, 1u);
}

TEST(TableCacheTest, FailedLoadKeepsWhatWasPublished) {
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1)}, 10, 20);
  cache.LoadStarted("commits", 0, 30);
  cache.LoadFailed("commits", absl::UnavailableError("source 'git': gone"), 40);
  const DatasetStatus status = cache.StatusOf("commits").value();
  EXPECT_EQ(status.state, DatasetState::kReady);
  EXPECT_EQ(status.version, 1u);
  EXPECT_EQ(status.loads_failed, 1u);
  EXPECT_EQ(status.last_error, "source 'git': gone");
  EXPECT_EQ(status.last_error_wall_us, 40);
  EXPECT_EQ(cache.Pin("commits").value()->identity().version, 1u);
}

TEST(TableCacheTest, PublicationClearsTheLastError) {
  TableCache cache(TwoDatasets());
  cache.LoadFailed("commits", absl::UnavailableError("gone"), 40);
  EXPECT_EQ(cache.StatusOf("commits")->state, DatasetState::kWaiting);
  cache.Publish({Version("commits", 1)}, 10, 50);
  EXPECT_THAT(cache.StatusOf("commits")->last_error, IsEmpty());
}

TEST(TableCacheTest, OnlyRequiredDatasetsCountForReadiness) {
  TableCache cache(TwoDatasets());
  EXPECT_FALSE(cache.RequiredArePublished());
  cache.Publish({Version("commits", 1)}, 10, 20);
  EXPECT_TRUE(cache.RequiredArePublished());
}

TEST(TableCacheTest, StatusesComeInTheOrderOfTheCatalogue) {
  const TableCache cache(TwoDatasets());
  const std::vector<DatasetStatus> statuses = cache.Statuses();
  ASSERT_THAT(statuses, SizeIs(2));
  EXPECT_EQ(statuses[0].dataset, "commits");
  EXPECT_EQ(statuses[1].dataset, "authors");
}

TEST(TableCacheTest, CallbackOfAPublicationMayPin) {
  TableCache cache(TwoDatasets());
  uint64_t seen_version = 0;
  cache.OnPublish([&](const std::vector<std::shared_ptr<const Table>>& tables) {
    ASSERT_THAT(tables, SizeIs(1));
    seen_version = cache.Pin("commits").value()->identity().version;
  });
  cache.Publish({Version("commits", 1)}, 10, 20);
  EXPECT_EQ(seen_version, 1u);
}

TEST(TableCacheTest, PinOfSeveralNeverSeesHalfOfAPublication) {
  constexpr uint64_t kLastVersion = 200;
  constexpr int kReaders = 4;
  TableCache cache(TwoDatasets());
  cache.Publish({Version("commits", 1), Version("authors", 1)}, 0, 0);
  std::atomic<int> num_torn = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      uint64_t version = 0;
      while (version < kLastVersion) {
        const auto pinned = cache.Pin(std::vector<std::string>{"commits", "authors"}).value();
        if (pinned[0]->identity().version != pinned[1]->identity().version) ++num_torn;
        if (pinned[0]->identity().version < version) ++num_torn;
        version = pinned[0]->identity().version;
      }
    });
  }
  for (uint64_t version = 2; version <= kLastVersion; ++version) {
    cache.LoadStarted("commits", 1, 1);
    cache.LoadProgressed("commits", version, version);
    cache.Publish({Version("commits", version), Version("authors", version)}, 0, 0);
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(num_torn, 0);
}

}  // namespace
}  // namespace sextant
