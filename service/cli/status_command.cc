#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "service/cli/commands.h"
#include "service/cli/status_text.h"
#include "sextant/v1/admin_service.grpc.pb.h"

namespace sextant {
namespace {

constexpr std::chrono::milliseconds kWatchPeriod{500};

std::atomic<bool> interrupted{false};

grpc::Status FetchStatus(const ConnectionFlags& connection, v1::AdminService::Stub& stub,
                         v1::GetStatusResponse& response) {
  grpc::ClientContext context;
  PrepareContext(connection, context);
  response.Clear();
  return stub.GetStatus(&context, v1::GetStatusRequest(), &response);
}

/// Draws over what it drew before.
class Screen {
 public:
  explicit Screen(std::ostream& out) : out_(out) {}

  void Draw(const std::string& text) {
    if (num_lines_ > 0) out_ << "\x1b[" << num_lines_ << "A\x1b[J";
    // Lines are cut at the edge while it draws: one that goes on below would be two to go up.
    out_ << "\x1b[?7l" << text << "\x1b[?7h" << std::flush;
    num_lines_ = std::count(text.begin(), text.end(), '\n');
  }

 private:
  std::ostream& out_;
  int64_t num_lines_ = 0;
};

}  // namespace

int RunStatus(const ConnectionFlags& connection, bool watch, bool is_terminal, std::ostream& out,
              std::ostream& errors) {
  const auto stub = v1::AdminService::NewStub(OpenChannel(connection));
  v1::GetStatusResponse response;
  if (!watch) {
    const grpc::Status status = FetchStatus(connection, *stub, response);
    if (!status.ok()) return ReportFailure(status, nullptr, errors);
    out << StatusText(response);
    return kExitOk;
  }
  std::signal(SIGINT, [](int) { interrupted = true; });
  Screen screen(out);
  std::map<std::string, std::string> last_lines;
  while (!interrupted) {
    const grpc::Status status = FetchStatus(connection, *stub, response);
    if (!status.ok()) return ReportFailure(status, nullptr, errors);
    if (is_terminal) {
      screen.Draw(StatusText(response));
    } else {
      for (const v1::DatasetStatus& dataset : response.datasets()) {
        std::string line = DatasetLine(dataset);
        std::string& last = last_lines[dataset.name()];
        if (line == last) continue;
        out << line << std::endl;
        last = std::move(line);
      }
    }
    std::this_thread::sleep_for(kWatchPeriod);
  }
  return kExitOk;
}

}  // namespace sextant
