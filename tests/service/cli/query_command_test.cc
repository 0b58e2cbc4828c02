#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/cli/commands.h"
#include "service/wire/arrow_body.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/testing/temporary_folder.h"

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

Outcome Ask(ScriptedService::Script script, OutputFormat format = OutputFormat::kCsv) {
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
  const int exit_code = RunQuery(connection, flags, {format}, out, errors);
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

/// The schema, and one record batch, of one column of integers.
v1::QueryMetricsResponse ArrowHeaderFrame() {
  ArrowField field;
  field.name = "n";
  v1::QueryMetricsResponse frame = HeaderFrame();
  frame.mutable_header()->set_arrow_schema(ArrowSchemaMessage({{field}, {}}));
  return frame;
}

v1::QueryMetricsResponse ArrowFrame(const std::vector<int64_t>& values) {
  ArrowBody body(values.size());
  body.AddNode(values.size(), {});
  body.AddFixedWidth<int64_t>(values);
  v1::QueryMetricsResponse frame;
  frame.mutable_arrow()->set_metadata(ArrowRecordBatchMessage(body.layout()));
  frame.mutable_arrow()->set_body(body.TakeBytes());
  return frame;
}

v1::QueryMetricsResponse ArrowSummaryFrame(const v1::ArrowMessage& message, int64_t cells) {
  const std::string bytes = message.metadata() + message.body();
  v1::QueryMetricsResponse frame;
  frame.mutable_summary()->set_cells(cells);
  frame.mutable_summary()->set_batch_count(1);
  frame.mutable_summary()->set_batches_crc32(static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))));
  return frame;
}

ScriptedService::Script ArrowScript(int64_t cells) {
  return [cells](const grpc::ServerContext&, Writer& writer) {
    writer.Write(ArrowHeaderFrame());
    writer.Write(ArrowFrame({42, 43}));
    writer.Write(ArrowSummaryFrame(ArrowFrame({42, 43}).arrow(), cells));
    return grpc::Status::OK;
  };
}

TEST(QueryCommandTest, AnArrowAnswerIsPassedOnAsAStream) {
  const Outcome outcome = Ask(ArrowScript(2), OutputFormat::kArrowStream);
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.errors;
  EXPECT_TRUE(outcome.out.starts_with("\xFF\xFF\xFF\xFF"));
  EXPECT_TRUE(outcome.out.ends_with(kArrowEndOfStream));
  EXPECT_THAT(outcome.out, HasSubstr(ArrowFrame({42, 43}).arrow().body()));
}

TEST(QueryCommandTest, AnArrowFileBeginsAndEndsAsOne) {
  const Outcome outcome = Ask(ArrowScript(2), OutputFormat::kArrowFile);
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.errors;
  EXPECT_TRUE(outcome.out.starts_with(kArrowMagic));
  EXPECT_TRUE(outcome.out.ends_with(kArrowMagic));
}

TEST(QueryCommandTest, ARowThatAnArrowAnswerLacksIsFound) {
  const Outcome outcome = Ask(ArrowScript(3), OutputFormat::kArrowStream);
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("and 3 cells, 1 and 2 came"));
}

TEST(QueryCommandTest, AWrongChecksumOfAnArrowAnswerIsFound) {
  const Outcome outcome = Ask(
      [](const grpc::ServerContext&, Writer& writer) {
        writer.Write(ArrowHeaderFrame());
        writer.Write(ArrowFrame({42, 43}));
        writer.Write(ArrowSummaryFrame(ArrowFrame({42, 44}).arrow(), 2));
        return grpc::Status::OK;
      },
      OutputFormat::kArrowStream);
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("checksum"));
}

TEST(QueryCommandTest, BatchesInAnotherFormatThanAskedForAreRefused) {
  EXPECT_THAT(Ask(ArrowScript(2), OutputFormat::kCsv).errors, HasSubstr("in another format"));
  const auto columns = [](const grpc::ServerContext&, Writer& writer) {
    writer.Write(ArrowHeaderFrame());
    writer.Write(BatchFrame(42));
    return grpc::Status::OK;
  };
  EXPECT_THAT(Ask(columns, OutputFormat::kArrowFile).errors, HasSubstr("in another format"));
}

TEST(QueryCommandTest, AnArrowAnswerWithoutASchemaIsVoid) {
  const auto script = [](const grpc::ServerContext&, Writer& writer) {
    writer.Write(HeaderFrame());
    return grpc::Status::OK;
  };
  const Outcome outcome = Ask(script, OutputFormat::kArrowStream);
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("the answer is void: Arrow metadata"));
}

TEST(QueryCommandTest, AFailedQueryLeavesTheFileAsItWas) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "x.csv").string();
  std::ofstream(path) << "old";
  ConnectionFlags connection;
  connection.address = "127.0.0.1:1";
  QueryFlags flags;
  flags.dataset = "pulls";
  flags.metrics = {"n = count(*)"};
  std::ostringstream errors;
  EXPECT_EQ(RunQueryToFile(connection, flags, {OutputFormat::kCsv}, path, errors), kExitFailed);
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  EXPECT_EQ(content.str(), "old");
}

TEST(QueryCommandTest, AFileThatCannotBeWrittenIsAnErrorBeforeTheQuery) {
  std::ostringstream errors;
  EXPECT_EQ(RunQueryToFile({}, {}, {}, "/nowhere/x.csv", errors), kExitFailed);
  EXPECT_THAT(errors.str(), HasSubstr("--output: cannot write '/nowhere/x.csv'"));
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
