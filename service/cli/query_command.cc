#include <functional>
#include <memory>

#include "service/cli/answer_stream.h"
#include "service/cli/commands.h"
#include "service/cli/output_file.h"
#include "sextant/v1/metric_service.grpc.pb.h"

namespace sextant {
namespace {

/// Runs `command` into the file at `path`, which appears when its content is whole.
int RunToFile(const std::string& name, const std::string& path, std::ostream& errors,
              const std::function<int(std::ostream& out)>& command) {
  const absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::Create(path);
  if (!file.ok()) {
    errors << name << ": --output: " << file.status().message() << '\n';
    return kExitFailed;
  }
  const int exit_code = command((*file)->stream());
  if (exit_code != kExitOk) return exit_code;
  const absl::Status status = (*file)->Commit();
  if (status.ok()) return kExitOk;
  errors << name << ": --output: " << status.message() << '\n';
  return kExitFailed;
}

}  // namespace

int RunQuery(const ConnectionFlags& connection, const QueryFlags& flags, const QueryOutput& output,
             std::ostream& out, std::ostream& errors) {
  absl::StatusOr<v1::QueryMetricsRequest> request = MakeQueryRequest(flags);
  if (!request.ok()) {
    errors << "sextant query: " << request.status().message() << '\n';
    return kExitUsage;
  }
  if (IsArrow(output.format)) request->set_format(v1::RESULT_FORMAT_ARROW_IPC);
  const auto stub = v1::MetricService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  const auto stream = stub->QueryMetrics(&context, *request);
  AnswerStream answer(output.format, out);
  const int exit_code = ReadAnswer(context, *stream, answer, *request, errors);
  return exit_code == kExitOk ? FlushOutput(out, errors) : exit_code;
}

int RunQueryToFile(const ConnectionFlags& connection, const QueryFlags& flags,
                   const QueryOutput& output, const std::string& path, std::ostream& errors) {
  return RunToFile("sextant query", path, errors, [&](std::ostream& out) {
    return RunQuery(connection, flags, output, out, errors);
  });
}

int RunRows(const ConnectionFlags& connection, const RowsFlags& flags, const QueryOutput& output,
            std::ostream& out, std::ostream& errors) {
  absl::StatusOr<v1::QueryRowsRequest> request = MakeRowsRequest(flags);
  if (!request.ok()) {
    errors << "sextant rows: " << request.status().message() << '\n';
    return kExitUsage;
  }
  v1::QueryMetricsRequest& query = *request->mutable_query();
  if (IsArrow(output.format)) query.set_format(v1::RESULT_FORMAT_ARROW_IPC);
  const auto stub = v1::MetricService::NewStub(OpenChannel(connection));
  grpc::ClientContext context;
  PrepareContext(connection, context);
  const auto stream = stub->QueryRows(&context, *request);
  AnswerStream answer(output.format, out);
  const int exit_code = ReadAnswer(context, *stream, answer, query, errors);
  if (exit_code != kExitOk) return exit_code;
  if (answer.has_more_rows()) {
    errors << "sextant rows: there are more rows; allowed: --limit N up to 1000000\n";
  }
  return FlushOutput(out, errors);
}

int RunRowsToFile(const ConnectionFlags& connection, const RowsFlags& flags,
                  const QueryOutput& output, const std::string& path, std::ostream& errors) {
  return RunToFile("sextant rows", path, errors, [&](std::ostream& out) {
    return RunRows(connection, flags, output, out, errors);
  });
}

}  // namespace sextant
