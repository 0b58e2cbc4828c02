#include "tests/integration/sextantd/running_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <utility>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr auto kPollPause = std::chrono::milliseconds(10);
constexpr int kMaxPolls = 3000;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Starts sextantd with its output in `log_path`.
pid_t Spawn(const RunOptions& options, const std::string& log_path) {
  std::vector<std::string> words = {SEXTANTD};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  SEXTANT_CHECK(pid >= 0);
  if (pid > 0) return pid;
  const int fd = open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(fd, 1);
  dup2(fd, 2);
  if (options.max_descriptors > 0) {
    const rlimit limit = {static_cast<rlim_t>(options.max_descriptors),
                          static_cast<rlim_t>(options.max_descriptors)};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  execv(argv[0], argv.data());
  _exit(127);
}

int WaitFor(pid_t pid) {
  int status = 0;
  SEXTANT_CHECK(waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

CatalogFolder::CatalogFolder(const std::string& yaml) {
  std::ofstream(folder_.path() / "catalog.yaml") << yaml;
}

RunOutcome RunToEnd(const RunOptions& options) {
  const TemporaryFolder folder;
  const std::string log_path = (folder.path() / "log").string();
  const int exit_status = WaitFor(Spawn(options, log_path));
  return {exit_status, ReadFile(log_path)};
}

RunningServer::RunningServer(const std::string& catalog_yaml, const RunOptions& options)
    : catalog_(catalog_yaml), log_path_((folder_.path() / "log").string()) {
  RunOptions all = options;
  all.arguments.insert(all.arguments.end(), {"--catalog", catalog_.path(), "--listen",
                                             "127.0.0.1:0", "--http", "127.0.0.1:0"});
  pid_ = Spawn(all, log_path_);
  for (int i = 0; i < kMaxPolls && grpc_port_ == 0; ++i) {
    grpc_port_ = PortInLog("grpc_port");
    if (grpc_port_ == 0) std::this_thread::sleep_for(kPollPause);
  }
  SEXTANT_CHECK(grpc_port_ > 0) << Log();
  http_port_ = PortInLog("http_port");
}

RunningServer::~RunningServer() {
  if (pid_ < 0) return;
  Signal(SIGKILL);
  WaitForExit();
}

int RunningServer::PortInLog(const std::string& key) const {
  std::istringstream log(Log());
  for (std::string line; std::getline(log, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_discarded() && json.value("event", "") == "listening") return json[key];
  }
  return 0;
}

std::shared_ptr<grpc::Channel> RunningServer::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(grpc_port_),
                                   grpc::InsecureChannelCredentials(), arguments);
}

v1::GetStatusResponse RunningServer::Status() const {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  v1::GetStatusResponse response;
  const grpc::Status status =
      v1::AdminService::NewStub(NewChannel())->GetStatus(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message() << "\n" << Log();
  return response;
}

void RunningServer::WaitUntilReady() const {
  for (int i = 0; i < kMaxPolls; ++i) {
    if (HttpCode("/readyz") == 200) return;
    std::this_thread::sleep_for(kPollPause);
  }
  FAIL() << "not ready after 30 s: " << Log();
}

std::string RunningServer::Fetch(const std::string& path) const {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(http_port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      char part[4096];
      for (ssize_t size; (size = recv(fd, part, sizeof(part), 0)) > 0;) {
        answer.append(part, static_cast<size_t>(size));
      }
    }
  }
  close(fd);
  return answer;
}

int RunningServer::HttpCode(const std::string& path) const {
  const std::string answer = Fetch(path);
  return answer.size() > 12 ? std::atoi(answer.c_str() + 9) : 0;
}

std::string RunningServer::HttpBody(const std::string& path) const {
  const std::string answer = Fetch(path);
  const size_t begin = answer.find("\r\n\r\n");
  return begin == std::string::npos ? "" : answer.substr(begin + 4);
}

std::string RunningServer::Log() const { return ReadFile(log_path_); }

void RunningServer::Signal(int number) const { kill(pid_, number); }

int RunningServer::WaitForExit() { return WaitFor(std::exchange(pid_, -1)); }

}  // namespace sextant
