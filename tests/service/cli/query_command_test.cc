#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <functional>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/cli/commands.h"
#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using Writer = grpc::ServerWriter<v1::QueryMetricsResponse>;

/// A service whose stream is the test's.
class ScriptedService final : public v1::MetricService::Service {
 public:
  using Script = std::function<grpc::Status(const grpc::ServerContext&, Writer&)>;
  explicit ScriptedService(Script script) : script_(std::move(script)) {}

  grpc::Status QueryMetrics(grpc::ServerContext* context, const v1::QueryMetricsRequest*,
                            Writer* writer) override {
    return script_(*context, *writer);
  }

 private:
  Script script_;
};

struct Outcome {
  int exit_code;
  std::string out;
  std::string errors;
};

Outcome Ask(ScriptedService::Script script) {
  ScriptedService service(std::move(script));
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  ConnectionFlags connection;
  connection.address = absl::StrCat("127.0.0.1:", port);
  connection.tenant = "acme";
  QueryFlags flags;
  flags.dataset = "pulls";
  flags.metrics = {"n = count(*)"};
  flags.where = "stat = 'x'";
  std::ostringstream out;
  std::ostringstream errors;
  const int exit_code = RunQuery(connection, flags, {OutputFormat::kCsv}, out, errors);
  return {exit_code, out.str(), errors.str()};
}

v1::QueryMetricsResponse HeaderFrame() {
  v1::QueryMetricsResponse frame;
  v1::ResultColumn& column = *frame.mutable_header()->add_columns();
  column.set_name("n");
  column.set_role(v1::COLUMN_ROLE_METRIC);
  column.set_type(v1::DATA_TYPE_INT64);
  return frame;
}

v1::QueryMetricsResponse BatchFrame(int64_t value) {
  v1::QueryMetricsResponse frame;
  frame.mutable_batch()->set_row_count(1);
  frame.mutable_batch()->add_columns()->mutable_ints()->add_values(value);
  return frame;
}

v1::QueryMetricsResponse SummaryFrame(const v1::Batch& batch) {
  const std::string bytes = batch.SerializeAsString();
  v1::QueryMetricsResponse frame;
  frame.mutable_summary()->set_cells(1);
  frame.mutable_summary()->set_batch_count(1);
  frame.mutable_summary()->set_batches_crc32(static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))));
  return frame;
}

TEST(QueryCommandTest, AWholeStreamIsPrinted) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer& writer) {
    writer.Write(HeaderFrame());
    writer.Write(BatchFrame(42));
    writer.Write(SummaryFrame(BatchFrame(42).batch()));
    return grpc::Status::OK;
  });
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.errors;
  EXPECT_EQ(outcome.out, "n\n42\n");
}

TEST(QueryCommandTest, TheTenantTravelsAsMetadata) {
  std::string tenant;
  Ask([&tenant](const grpc::ServerContext& context, Writer&) {
    const auto entry = context.client_metadata().find("x-sextant-tenant");
    if (entry != context.client_metadata().end())
      tenant.assign(entry->second.data(), entry->second.size());
    return grpc::Status::OK;
  });
  EXPECT_EQ(tenant, "acme");
}

TEST(QueryCommandTest, AStreamWithoutItsSummaryIsVoid) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer& writer) {
    writer.Write(HeaderFrame());
    writer.Write(BatchFrame(42));
    return grpc::Status::OK;
  });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("without its summary"));
}

TEST(QueryCommandTest, AWrongChecksumIsFound) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer& writer) {
    writer.Write(HeaderFrame());
    writer.Write(BatchFrame(42));
    writer.Write(SummaryFrame(BatchFrame(43).batch()));
    return grpc::Status::OK;
  });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("checksum"));
}

TEST(QueryCommandTest, ALostBatchIsFound) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer& writer) {
    writer.Write(HeaderFrame());
    writer.Write(SummaryFrame(BatchFrame(42).batch()));
    return grpc::Status::OK;
  });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("counts 1 batches"));
}

TEST(QueryCommandTest, ABatchBeforeTheHeaderIsRefused) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer& writer) {
    writer.Write(BatchFrame(42));
    return grpc::Status::OK;
  });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("before the header"));
}

TEST(QueryCommandTest, AnErrorPointsIntoTheExpression) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer&) {
    google::rpc::Status details;
    google::rpc::BadRequest bad_request;
    bad_request.add_field_violations()->set_field("where");
    google::rpc::ErrorInfo info;
    (*info.mutable_metadata())["position"] = "0";
    (*info.mutable_metadata())["nearest"] = "state";
    details.add_details()->PackFrom(bad_request);
    details.add_details()->PackFrom(info);
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "where: unknown column 'stat'",
                        details.SerializeAsString());
  });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_EQ(outcome.errors,
            "sextant: INVALID_ARGUMENT: where: unknown column 'stat'\n  stat = 'x'\n  ^\n  did you "
            "mean: state\n");
}

TEST(QueryCommandTest, AHintThatTheMessageHasIsNotRepeated) {
  const Outcome outcome = Ask([](const grpc::ServerContext&, Writer&) {
    google::rpc::Status details;
    google::rpc::ErrorInfo info;
    (*info.mutable_metadata())["nearest"] = "state";
    details.add_details()->PackFrom(info);
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                        "where: unknown column 'stat'; did you mean 'state'?",
                        details.SerializeAsString());
  });
  EXPECT_EQ(outcome.errors,
            "sextant: INVALID_ARGUMENT: where: unknown column 'stat'; did you mean 'state'?\n");
}

TEST(QueryCommandTest, AServerThatIsNotThereIsAClearError) {
  ConnectionFlags connection;
  connection.address = "127.0.0.1:1";
  QueryFlags flags;
  flags.dataset = "pulls";
  flags.metrics = {"n = count(*)"};
  std::ostringstream out;
  std::ostringstream errors;
  EXPECT_EQ(RunQuery(connection, flags, {}, out, errors), kExitFailed);
  EXPECT_THAT(errors.str(), HasSubstr("UNAVAILABLE"));
}

}  // namespace
}  // namespace sextant
