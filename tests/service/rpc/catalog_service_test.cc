#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "compute/plan/error_detail.h"
#include "service/rpc/error_details.h"
#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CatalogServiceTest : public ::testing::Test {
 protected:
  absl::Status List(int page_size, const std::string& token) {
    grpc::ClientContext context;
    v1::ListDatasetsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    return FromGrpcStatus(service_.catalog_stub().ListDatasets(&context, request, &list_));
  }
  absl::Status Get(const std::string& name, const std::string& tenant = "") {
    grpc::ClientContext context;
    if (!tenant.empty()) context.AddMetadata("x-sextant-tenant", tenant);
    v1::GetDatasetRequest request;
    request.set_name(name);
    v1::GetDatasetResponse response;
    const absl::Status status =
        FromGrpcStatus(service_.catalog_stub().GetDataset(&context, request, &response));
    dataset_ = response.dataset();
    return status;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const v1::Dataset& dataset : list_.datasets()) names.push_back(dataset.name());
    return names;
  }

  TestService service_;
  v1::ListDatasetsResponse list_;
  v1::Dataset dataset_;
};

TEST_F(CatalogServiceTest, DatasetsAreListedByName) {
  ASSERT_TRUE(List(0, "").ok());
  EXPECT_THAT(Names(),
              ElementsAre("commits", "halves", "numbers", "terms", "unloaded", "visits", "words"));
  EXPECT_EQ(list_.next_page_token(), "");
}

TEST_F(CatalogServiceTest, PagesFollowOneAnother) {
  ASSERT_TRUE(List(3, "").ok());
  EXPECT_THAT(Names(), ElementsAre("commits", "halves", "numbers"));
  ASSERT_TRUE(List(3, list_.next_page_token()).ok());
  EXPECT_THAT(Names(), ElementsAre("terms", "unloaded", "visits"));
  ASSERT_TRUE(List(3, list_.next_page_token()).ok());
  EXPECT_THAT(Names(), ElementsAre("words"));
  EXPECT_EQ(list_.next_page_token(), "");
}

TEST_F(CatalogServiceTest, AThousandPerPageAreAllowedAndOneMoreIsNot) {
  EXPECT_TRUE(List(1000, "").ok());
  EXPECT_EQ(DetailOf(List(1001, ""))->field, "page_size");
  EXPECT_EQ(DetailOf(List(-1, ""))->field, "page_size");
}

TEST_F(CatalogServiceTest, ADatasetHasItsColumnsVersionAndRows) {
  ASSERT_TRUE(Get("commits").ok());
  EXPECT_EQ(dataset_.state(), v1::DATASET_STATE_SERVING);
  EXPECT_EQ(dataset_.version(), 1);
  EXPECT_EQ(dataset_.as_of(), "1970-01-11T00:00:00+00:00");
  EXPECT_EQ(dataset_.row_count(), 5);
  ASSERT_EQ(dataset_.columns_size(), 4);
  EXPECT_EQ(dataset_.columns(3).name(), "labels");
  EXPECT_EQ(dataset_.columns(3).type(), "text[]");
}

TEST_F(CatalogServiceTest, ADatasetThatIsNotLoadedSaysSo) {
  ASSERT_TRUE(Get("unloaded").ok());
  EXPECT_EQ(dataset_.state(), v1::DATASET_STATE_LOADING);
  EXPECT_EQ(dataset_.version(), 0);
  EXPECT_EQ(dataset_.as_of(), "");
}

TEST_F(CatalogServiceTest, RowsAreThoseOfTheCallersTenant) {
  ASSERT_TRUE(Get("visits", "acme").ok());
  EXPECT_EQ(dataset_.row_count(), 2);
  EXPECT_EQ(dataset_.tenant_column(), "account");
  ASSERT_TRUE(Get("visits").ok());
  EXPECT_EQ(dataset_.row_count(), 0);
}

TEST_F(CatalogServiceTest, ADatasetNamesTheColumnsThatHaveAnIndex) {
  ASSERT_TRUE(Get("commits").ok());
  ASSERT_GT(dataset_.indexes_size(), 0);
  EXPECT_GT(dataset_.indexes(0).parts(), 0);
  EXPECT_FALSE(dataset_.indexes(0).column().empty());
}

TEST_F(CatalogServiceTest, ADatasetHasStatisticsOfEachColumn) {
  ASSERT_TRUE(Get("commits").ok());
  ASSERT_EQ(dataset_.statistics_size(), dataset_.columns_size());
  for (int i = 0; i < dataset_.columns_size(); ++i) {
    EXPECT_EQ(dataset_.statistics(i).column(), dataset_.columns(i).name());
    EXPECT_GT(dataset_.statistics(i).parts(), 0);
  }
}

TEST_F(CatalogServiceTest, DistinctValuesAreShownOnceTheirVersionIsCounted) {
  const TableIdentity version = {"commits", 1, 0};
  ASSERT_TRUE(Get("commits").ok());
  EXPECT_FALSE(dataset_.statistics(0).has_distinct_count());
  DistinctCounts counts(dataset_.columns_size());
  counts[0] = DistinctCount{.count = 5};
  service_.statistics().Keep(version, counts);
  ASSERT_TRUE(Get("commits").ok());
  EXPECT_EQ(dataset_.statistics(0).distinct_count(), 5);
  service_.statistics().Keep({"commits", 2, 0}, counts);
  ASSERT_TRUE(Get("commits").ok());
  EXPECT_FALSE(dataset_.statistics(0).has_distinct_count()) << "of another version";
}

TEST_F(CatalogServiceTest, StatisticsOfADatasetOfTenantsAreNobodys) {
  for (const char* tenant : {"acme", ""}) {
    ASSERT_TRUE(Get("visits", tenant).ok());
    EXPECT_EQ(dataset_.columns_size(), 3);
    EXPECT_EQ(dataset_.statistics_size(), 0);
  }
}

TEST_F(CatalogServiceTest, IndexesTellNothingOfTheRowsOfOtherTenants) {
  ASSERT_TRUE(Get("visits", "acme").ok());
  EXPECT_EQ(dataset_.columns_size(), 3);
  EXPECT_EQ(dataset_.indexes_size(), 0);
}

TEST_F(CatalogServiceTest, AnUnknownDatasetIsAResourceThatIsNotFound) {
  const absl::Status status = Get("comits");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DetailOf(status)->resource_name, "comits");
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("did you mean 'commits'?; allowed: "), HasSubstr("visits")));
}

TEST_F(CatalogServiceTest, ANamelessDatasetIsRefused) {
  EXPECT_EQ(DetailOf(Get(""))->field, "name");
}

}  // namespace
}  // namespace sextant
