// Answers that are kept for equal queries, as callers see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

class KeptAnswersTest : public testing::Test {
 protected:
  StreamedAnswer Ask(const std::string& dataset, const std::string& axis,
                     const CallOptions& options = {}) {
    v1::QueryMetricsRequest request = RequestFor(dataset, "count(*)");
    request.add_group_by()->set_column(axis);
    StreamedAnswer answer = QueryAll(service_, request, options);
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    return answer;
  }

  TestService service_{{.result_cache_bytes = size_t{1} << 20}};
};

TEST_F(KeptAnswersTest, TheSecondOneIsMarkedAndHasTheSameBatches) {
  const StreamedAnswer first = Ask("commits", "author");
  const StreamedAnswer second = Ask("commits", "author");
  EXPECT_FALSE(first.summary.from_result_cache());
  EXPECT_TRUE(second.summary.from_result_cache());
  EXPECT_EQ(second.summary.run_us(), 0);
  EXPECT_EQ(second.summary.cells(), first.summary.cells());
  EXPECT_EQ(second.summary.batches_crc32(), first.summary.batches_crc32());
  EXPECT_EQ(second.header.SerializeAsString(), first.header.SerializeAsString());
}

TEST_F(KeptAnswersTest, TheRowsOfAKeptAnswerAreNotCountedAsScanned) {
  Ask("commits", "author");
  const std::string counted = "sextant_rows_scanned_total 5";
  EXPECT_THAT(service_.metrics().Text(), testing::HasSubstr(counted));
  Ask("commits", "author");
  EXPECT_THAT(service_.metrics().Text(), testing::HasSubstr(counted));
}

TEST_F(KeptAnswersTest, OneTenantIsNotGivenTheAnswerOfAnother) {
  const StreamedAnswer acme = Ask("visits", "page", {.tenant = "acme"});
  EXPECT_FALSE(Ask("visits", "page", {.tenant = "nobody"}).summary.from_result_cache());
  EXPECT_EQ(Ask("visits", "page", {.tenant = "nobody"}).num_rows(), 0);
  EXPECT_GT(acme.num_rows(), 0);
  EXPECT_TRUE(Ask("visits", "page", {.tenant = "acme"}).summary.from_result_cache());
}

TEST(KeptAnswersOffTest, WithoutACacheEveryQueryIsRun) {
  TestService service;
  for (int i = 0; i < 2; ++i) {
    const StreamedAnswer answer = QueryAll(service, RequestFor("commits", "count(*)"));
    EXPECT_FALSE(answer.summary.from_result_cache());
  }
}

}  // namespace
}  // namespace sextant
