#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "service/cli/commands.h"
#include "sextant/v1/metric_service.grpc.pb.h"
#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using Writer = grpc::ServerWriter<v1::QueryRowsResponse>;

/// A service whose stream is the test's.
class ScriptedService final : public v1::MetricService::Service {
 public:
  using Script = std::function<grpc::Status(const v1::QueryRowsRequest&, Writer&)>;
  explicit ScriptedService(Script script) : script_(std::move(script)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  grpc::Status QueryRows(grpc::ServerContext*, const v1::QueryRowsRequest* request,
                         Writer* writer) override {
    return script_(*request, *writer);
  }
  ConnectionFlags connection() const {
    ConnectionFlags flags;
    flags.address = absl::StrCat("127.0.0.1:", port_);
    return flags;
  }

 private:
  Script script_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

struct Outcome {
  int exit_code;
  std::string out;
  std::string errors;
};

RowsFlags FlagsOfPulls() {
  RowsFlags flags;
  flags.query.dataset = "pulls";
  return flags;
}

Outcome Ask(ScriptedService::Script script, const QueryOutput& output = {OutputFormat::kCsv}) {
  const ScriptedService service(std::move(script));
  std::ostringstream out;
  std::ostringstream errors;
  const int exit_code = RunRows(service.connection(), FlagsOfPulls(), output, out, errors);
  return {exit_code, out.str(), errors.str()};
}

grpc::Status WriteRows(Writer& writer, bool has_more) {
  v1::QueryRowsResponse header;
  v1::ResultColumn& column = *header.mutable_header()->add_columns();
  column.set_name("id");
  column.set_role(v1::COLUMN_ROLE_COLUMN);
  column.set_type(v1::DATA_TYPE_INT64);
  writer.Write(header);
  v1::QueryRowsResponse batch;
  batch.mutable_batch()->set_row_count(1);
  batch.mutable_batch()->add_columns()->mutable_ints()->add_values(42);
  writer.Write(batch);
  const std::string bytes = batch.batch().SerializeAsString();
  v1::QueryRowsResponse summary;
  summary.mutable_summary()->set_cells(1);
  summary.mutable_summary()->set_batch_count(1);
  summary.mutable_summary()->set_has_more_rows(has_more);
  summary.mutable_summary()->set_batches_crc32(static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))));
  writer.Write(summary);
  return grpc::Status::OK;
}

TEST(RowsCommandTest, AWholeStreamIsPrinted) {
  const Outcome outcome =
      Ask([](const v1::QueryRowsRequest&, Writer& writer) { return WriteRows(writer, false); });
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.errors;
  EXPECT_EQ(outcome.out, "id\n42\n");
  EXPECT_EQ(outcome.errors, "");
}

TEST(RowsCommandTest, ThatThereAreMoreRowsIsSaidBesideThem) {
  const Outcome outcome =
      Ask([](const v1::QueryRowsRequest&, Writer& writer) { return WriteRows(writer, true); });
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.errors;
  EXPECT_EQ(outcome.out, "id\n42\n");
  EXPECT_THAT(outcome.errors, HasSubstr("there are more rows"));
}

TEST(RowsCommandTest, ATableCountsRowsNotCells) {
  const Outcome outcome =
      Ask([](const v1::QueryRowsRequest&, Writer& writer) { return WriteRows(writer, false); },
          {OutputFormat::kTable});
  EXPECT_THAT(outcome.out, HasSubstr("1 row from"));
}

TEST(RowsCommandTest, AStreamWithoutItsSummaryIsVoid) {
  const Outcome outcome =
      Ask([](const v1::QueryRowsRequest&, Writer&) { return grpc::Status::OK; });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("without its summary"));
}

TEST(RowsCommandTest, ArrowIsAskedForInTheQuery) {
  v1::ResultFormat format = v1::RESULT_FORMAT_UNSPECIFIED;
  Ask(
      [&format](const v1::QueryRowsRequest& request, Writer&) {
        format = request.query().format();
        return grpc::Status::OK;
      },
      {OutputFormat::kArrowStream});
  EXPECT_EQ(format, v1::RESULT_FORMAT_ARROW_IPC);
}

TEST(RowsCommandTest, AnErrorIsToldWithItsCode) {
  const Outcome outcome = Ask([](const v1::QueryRowsRequest&, Writer&) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "columns[0]: unknown column 'ide'");
  });
  EXPECT_EQ(outcome.exit_code, kExitFailed);
  EXPECT_THAT(outcome.errors, HasSubstr("INVALID_ARGUMENT: columns[0]: unknown column 'ide'"));
}

TEST(RowsCommandTest, FlagsThatAskNothingAreAnErrorOfUsage) {
  std::ostringstream out;
  std::ostringstream errors;
  EXPECT_EQ(RunRows({}, {}, {}, out, errors), kExitUsage);
  EXPECT_THAT(errors.str(), HasSubstr("sextant rows: --metric: found none"));
}

TEST(RowsCommandTest, AFileGetsTheRowsWhenTheyAreWhole) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "x.csv").string();
  const ScriptedService service(
      [](const v1::QueryRowsRequest&, Writer& writer) { return WriteRows(writer, false); });
  std::ostringstream errors;
  EXPECT_EQ(RunRowsToFile(service.connection(), FlagsOfPulls(), {OutputFormat::kCsv}, path, errors),
            kExitOk);
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  EXPECT_EQ(content.str(), "id\n42\n");
}

TEST(RowsCommandTest, AFileThatCannotBeWrittenIsAnErrorBeforeTheCall) {
  std::ostringstream errors;
  EXPECT_EQ(RunRowsToFile({}, FlagsOfPulls(), {}, "/nowhere/x.csv", errors), kExitFailed);
  EXPECT_THAT(errors.str(), HasSubstr("sextant rows: --output: cannot write '/nowhere/x.csv'"));
}

}  // namespace
}  // namespace sextant
