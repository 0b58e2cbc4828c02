#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "compute/memory/memory_refusal.h"
#include "compute/memory/status_macros.h"
#include "service/rpc/inspection_refusal.h"
#include "storage/postgres/pqxx_status.h"
#include "tests/service/rpc/inspection_calls.h"
#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

/// A source whose snapshot is what `service` has published, and whose SQL gives `rows`, then
/// `end`.
TestServiceOptions WithSourceRows(const std::vector<SourceRow>& rows,
                                  const absl::Status& end = absl::OkStatus()) {
  TestServiceOptions options;
  options.inspect = [rows, end](TableCache& cache, const std::vector<std::string>& datasets,
                                const Inspection& inspection) {
    const auto tables = cache.Pin(datasets);
    if (!tables.ok()) return tables.status();
    inspection.started();
    const QuerySnapshot query = [&](const std::string& sql, TakeRow take) {
      EXPECT_THAT(sql, HasSubstr("SELECT"));
      for (const SourceRow& row : rows) SEXTANT_RETURN_IF_ERROR(take(row));
      return end;
    };
    inspection.done(inspection.inspect(query, *tables, {}));
    return absl::OkStatus();
  };
  return options;
}

/// A source whose loads end with `status`.
TestServiceOptions WithFailedLoad(const absl::Status& status) {
  TestServiceOptions options;
  options.inspect = [status](TableCache&, const std::vector<std::string>&,
                             const Inspection& inspection) {
    inspection.started();
    inspection.done(status);
    return absl::OkStatus();
  };
  return options;
}

// The bound of a float sum is the sum of its magnitudes, which may overflow where the answer does
// not.
TEST(VerifyTest, ASumWhoseMagnitudesOverflowIsVerified) {
  TestService service(WithSourceRows({{"0"}}));
  ASSERT_TRUE(QueryAll(service, RequestFor("words", "sum(f)")).status.ok());
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, RequestFor("words", "sum(f)"), response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(response.equal());
}

// The metrics of the bounds do not count.
TEST(VerifyTest, MaxCellsIsThatOfTheQuery) {
  TestService service(WithSourceRows({{"", "1.7e308"}, {"x", "-1.7e308"}}));
  v1::QueryMetricsRequest request = RequestFor("words", "sum(f)");
  request.add_group_by()->set_column("name");
  request.set_max_cells(2);
  const StreamedAnswer answer = QueryAll(service, request);
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, request, response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(response.equal());
}

TEST(VerifyTest, AnAnswerThatTheSourceGivesTooIsEqual) {
  TestService service(WithSourceRows({{"bob", "2"}, {"ann", "3"}}));
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, LinesByAuthor(), response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(response.equal());
  EXPECT_EQ(response.cells_compared(), 2);
}

TEST(VerifyTest, APlantedDifferenceIsFoundAndNamed) {
  TestService service(WithSourceRows({{"bob", "2"}, {"ann", "4"}}));
  v1::VerifyMetricsResponse response;
  ASSERT_TRUE(Verify(service, LinesByAuthor(), response).ok());
  EXPECT_FALSE(response.equal());
  ASSERT_THAT(response.differences(), SizeIs(1));
  EXPECT_EQ(response.differences(0).cell(), "author=ann");
  EXPECT_EQ(response.differences(0).ours(), "3");
  EXPECT_EQ(response.differences(0).sql(), "4");
}

TEST(VerifyTest, OneAfterAnotherIsAllowed) {
  TestService service(WithSourceRows({{"bob", "2"}, {"ann", "3"}}));
  ASSERT_TRUE(Verify(service).ok());
  EXPECT_TRUE(Verify(service).ok());
}

TEST(VerifyTest, AfterOneThatFailedAnotherIsAllowed) {
  TestService service(WithFailedLoad(absl::UnavailableError("gone")));
  EXPECT_EQ(ReasonOf(Verify(service)), "SOURCE_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(Verify(service)), "SOURCE_UNAVAILABLE");
}

TEST(VerifyTest, ASourceThatCannotBeReachedIsTheAnswer) {
  TestService service;
  EXPECT_EQ(Verify(service).code(), absl::StatusCode::kUnavailable);
}

TEST(VerifyTest, RowsOfATenantNeedItsClaim) {
  TestService service(WithSourceRows({}));
  v1::VerifyMetricsResponse response;
  EXPECT_EQ(Verify(service, RequestFor("visits", "count(*)"), response).code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(VerifyTest, SwitchedOffItIsNotPermitted) {
  TestServiceOptions options = WithSourceRows({});
  options.inspection.allow_verify = false;
  TestService service(options);
  const absl::Status status = Verify(service);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(status), "SWITCHED_OFF");
}

TEST(VerifyTest, WhatHasNoSqlIsRefusedWithItsParts) {
  TestService service(WithSourceRows({}));
  v1::QueryMetricsRequest query = RequestFor("commits", "count(*)");
  query.set_where("extract(hour from committed_at) < 5");
  query.set_time_zone("CET");
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, query, response);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_EQ(ReasonOf(status), "HAS_NO_SQL");
  EXPECT_THAT(MetadataOf(status), Contains(Pair("parts", Not(IsEmpty()))));
}

TEST(VerifyTest, APartThatHasNoSqlIsToldWhole) {
  const std::string part(400, 'p');
  EXPECT_EQ(HasNoSql({part, "q"}).message(),
            absl::StrCat("nothing to compare with: the query asks what has no SQL: ", part, "; q"));
}

TEST(VerifyTest, OfMorePartsThanAMessageHoldsTheirNumberIsTold) {
  const absl::Status status = HasNoSql({std::string(600, 'p'), std::string(600, 'q'), "r"});
  EXPECT_THAT(std::string(status.message()), EndsWith("ppp; 2 more"));
}

TEST(VerifyTest, RowsOfTheSqlBeyondTheLimitAreRefused) {
  TestServiceOptions options = WithSourceRows({{"bob", std::string(1000, 'x')}, {"ann", "3"}});
  options.inspection.max_sql_answer_bytes = 1000;
  TestService service(options);
  const absl::Status status = Verify(service);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "SQL_ANSWER_TOO_LARGE");
  EXPECT_THAT(MetadataOf(status), Contains(Pair("limit", "1000")));
}

TEST(VerifyTest, RowsOfTheSqlCountAsMemoryOfTheQuery) {
  TestServiceOptions options = WithSourceRows({{"bob", std::string(5'000'000, 'x')}});
  options.memory_per_query_bytes = 4'000'000;
  TestService service(options);
  const absl::Status status = Verify(service);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "MEMORY_LIMIT");
  EXPECT_THAT(MetadataOf(status), Contains(Pair("budget", "query")));
}

TEST(VerifyTest, AnAnswerThatNoClientWouldTakeIsRefusedBeforeTheSourceIsAsked) {
  TestService service(WithSourceRows({}, absl::InternalError("asked")));
  v1::QueryMetricsRequest query = RequestFor("commits", "count(*)");
  query.mutable_metrics(0)->mutable_definition()->set_at("committed_at");
  query.add_series()->set_interval("minute");
  query.mutable_time_range()->set_from("1970-01-01");
  query.mutable_time_range()->set_to("1970-03-11");
  v1::VerifyMetricsResponse response;
  const absl::Status status = Verify(service, query, response);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(ReasonOf(status), "RESPONSE_TOO_LARGE");
}

class VerifyErrorTest : public ::testing::Test {
 protected:
  /// What a verification ends with when the load does with `status`.
  absl::Status OfLoad(const absl::Status& status) { return Of(WithFailedLoad(status)); }
  /// The same of the SQL.
  absl::Status OfSql(const absl::Status& status) { return Of(WithSourceRows({}, status)); }

  std::string LogText() const {
    std::ifstream file(path_);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  absl::Status Of(TestServiceOptions options) {
    options.log_fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    TestService service(options);
    return Verify(service);
  }

  const TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "log").string();
};

constexpr char kSecret[] = "row 7 of account other at 10.0.0.7";

TEST_F(VerifyErrorTest, TheTextOfASourceThatIsAwayGoesToTheLogOnly) {
  const absl::Status status =
      OfLoad(StatusFromSqlstate("source 'warehouse': COPY", "57P01", kSecret));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "SOURCE_UNAVAILABLE");
  EXPECT_THAT(MetadataOf(status), Contains(Pair("dataset", "commits")));
  EXPECT_THAT(MetadataOf(status), Contains(Pair("sqlstate", "57P01")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("10.0.0.7")));
  EXPECT_THAT(LogText(), HasSubstr(kSecret));
}

TEST_F(VerifyErrorTest, TheCallerHasTheIdThatTheLogHas) {
  const absl::Status status = OfLoad(absl::UnavailableError(kSecret));
  std::string id;
  for (const auto& [key, value] : MetadataOf(status)) {
    if (key == "id") id = value;
  }
  ASSERT_THAT(id, SizeIs(16));
  EXPECT_THAT(std::string(status.message()), HasSubstr(id));
  EXPECT_THAT(LogText(), HasSubstr(id));
}

TEST_F(VerifyErrorTest, ARefusalOfTheSourceIsAPrecondition) {
  const absl::Status status = OfLoad(absl::FailedPreconditionError(kSecret));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "SOURCE_REFUSED");
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("10.0.0.7")));
}

TEST_F(VerifyErrorTest, SqlThatFailsOnTheseRowsIsAPrecondition) {
  const absl::Status status = OfSql(StatusFromSqlstate("equivalent SQL", "22003", kSecret));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "SQL_FAILED");
  EXPECT_THAT(MetadataOf(status), Contains(Pair("sqlstate", "22003")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("10.0.0.7")));
  EXPECT_THAT(LogText(), HasSubstr(kSecret));
}

TEST_F(VerifyErrorTest, SqlThatPostgreSqlDoesNotUnderstandIsOurError) {
  for (const char* sqlstate : {"42601", "42703"}) {
    const absl::Status status = OfSql(StatusFromSqlstate("equivalent SQL", sqlstate, kSecret));
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("10.0.0.7")));
  }
  EXPECT_THAT(LogText(), HasSubstr(kSecret));
}

TEST_F(VerifyErrorTest, NoMemoryForTheSnapshotNamesTheLimit) {
  const absl::Status status = OfLoad(
      WithRefusal(absl::ResourceExhaustedError(kSecret), {.budget = "cache", .limit_bytes = 77}));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "MEMORY_LIMIT");
  EXPECT_THAT(MetadataOf(status), Contains(Pair("limit", "77")));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("10.0.0.7")));
}

TEST_F(VerifyErrorTest, LoadsThatTheServerStopsAreNoCancellationOfTheCaller) {
  EXPECT_EQ(OfLoad(absl::CancelledError("loads are stopped")).code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace sextant
