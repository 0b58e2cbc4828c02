// Requests that are made to hurt: each has a clear error or the right answer, and the service
// answers the next one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/service/rpc/test_service.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kTextBytes = 16 * 1024;

std::string Filled(std::string_view part) {
  std::string text = "lines = 1 ";
  while (text.size() + part.size() <= kTextBytes) text += part;
  return text;
}

class HostileRequestTest : public ::testing::Test {
 protected:
  void ExpectSound() {
    const StreamedAnswer answer = QueryAll(service_, RequestFor("commits", "count(*)"));
    EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("5")) << answer.status;
  }

  TestService service_;
};

class HostileTextTest : public HostileRequestTest,
                        public ::testing::WithParamInterface<const char*> {};

TEST_P(HostileTextTest, Rule24IsRefusedAsAFilterAndAsAMetric) {
  const std::string text = GetParam();
  for (const std::string& hostile : {text, Filled(text)}) {
    v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
    request.set_where(hostile);
    const StreamedAnswer filtered = QueryAll(service_, request);
    EXPECT_EQ(filtered.status.code(), absl::StatusCode::kInvalidArgument) << filtered.status;
    EXPECT_LT(filtered.status.message().size(), 1000u);
    const StreamedAnswer measured = QueryAll(service_, RequestFor("commits", hostile));
    EXPECT_EQ(measured.status.code(), absl::StatusCode::kInvalidArgument) << measured.status;
    EXPECT_LT(measured.status.message().size(), 1000u);
  }
  ExpectSound();
}

INSTANTIATE_TEST_SUITE_P(Texts, HostileTextTest,
                         ::testing::Values("+1 ", " NOT ", "(", "::int", "[1]",
                                           "lines = 1; DELETE FROM commits",
                                           "EXISTS (SELECT 1 FROM commits)",
                                           "pg_read_file('/etc/passwd') = 'x'", "lines = $1"));

/// Of the 200,000 ids, those that are even: as many as `count`.
v1::QueryMetricsRequest EvenNumbers(int64_t count) {
  v1::QueryMetricsRequest request = RequestFor("numbers", "count(*)");
  v1::InList& list = *request.mutable_filter()->mutable_in_list();
  list.mutable_operand()->set_column("id");
  for (int64_t i = 0; i < count; ++i) list.mutable_values()->add_ints(2 * i);
  return request;
}

TEST_F(HostileRequestTest, Rule24AListOf100000ValuesIsAnswered) {
  const StreamedAnswer answer = QueryAll(service_, EvenNumbers(100'000));
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("100000")) << answer.status;
}

TEST_F(HostileRequestTest, Rule24AListOfMoreValuesIsRefused) {
  const StreamedAnswer answer = QueryAll(service_, EvenNumbers(100'001));
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(answer.status.message(), HasSubstr("100001"));
  EXPECT_THAT(answer.status.message(), HasSubstr("100000"));
}

TEST_F(HostileRequestTest, ARequestOf10MebibytesIsRefusedByItsSize) {
  const StreamedAnswer answer =
      QueryAll(service_, RequestFor("commits", std::string(10 * 1024 * 1024, '(')));
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(answer.status.message(), HasSubstr("larger than max"));
  ExpectSound();
}

TEST_F(HostileRequestTest, ATextThatFillsTheLargestRequestIsRefusedByItsOwnSize) {
  const StreamedAnswer answer =
      QueryAll(service_, RequestFor("commits", std::string(7 * 1024 * 1024, '(')));
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(answer.status.message()),
              HasSubstr("found 7340032 bytes, allowed: at most 16384"));
  ExpectSound();
}

TEST_F(HostileRequestTest, AListOfLongTextsIsAnswered) {
  v1::QueryMetricsRequest request = RequestFor("commits", "count(*)");
  v1::InList& list = *request.mutable_filter()->mutable_in_list();
  list.mutable_operand()->set_column("author");
  for (int i = 0; i < 70; ++i) {
    list.mutable_values()->add_strings(std::string(100'000, 'x') + std::to_string(i));
  }
  list.mutable_values()->add_strings("ann");
  const StreamedAnswer answer = QueryAll(service_, request);
  EXPECT_THAT(RowTexts(answer.header, answer.batches), ElementsAre("3")) << answer.status;
}

}  // namespace
}  // namespace sextant
