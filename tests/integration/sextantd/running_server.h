#pragma once

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "sextant/v1/admin_service.grpc.pb.h"
#include "tests/testing/temporary_folder.h"

namespace sextant {

struct RunOptions {
  std::vector<std::string> arguments = {};
  /// Limit of descriptors; 0: as the test's.
  int max_descriptors = 0;
};

/// How sextantd ended, and what it wrote.
struct RunOutcome {
  int exit_status = -1;  // 128 + signal when it was killed
  std::string output;    // stdout and stderr
};

/// The catalogue folder of one YAML file, for as long as it lives.
class CatalogFolder {
 public:
  explicit CatalogFolder(const std::string& yaml);
  std::string path() const { return folder_.path().string(); }

 private:
  TemporaryFolder folder_;
};

/// Runs sextantd until it ends by itself.
RunOutcome RunToEnd(const RunOptions& options);

/// The sextantd of the build, on free ports, on its own catalogue; killed at the end.
class RunningServer {
 public:
  RunningServer(const std::string& catalog_yaml, const RunOptions& options = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  int grpc_port() const { return grpc_port_; }
  std::shared_ptr<grpc::Channel> NewChannel() const;

  /// The server's own report. Waits for the server up to 10 s.
  v1::GetStatusResponse Status() const;
  /// Waits until /readyz says what is asked; fails the test after 30 s.
  void WaitUntilReady() const;
  /// Code of a GET on the HTTP port.
  int HttpCode(const std::string& path) const;
  std::string HttpBody(const std::string& path) const;

  std::string Log() const;
  void Signal(int number) const;
  /// Waits for the end.
  int WaitForExit();

 private:
  std::string Fetch(const std::string& path) const;
  int PortInLog(const std::string& key) const;

  CatalogFolder catalog_;
  TemporaryFolder folder_;
  std::string log_path_;
  pid_t pid_ = -1;
  int grpc_port_ = 0;
  int http_port_ = 0;
};

}  // namespace sextant
