#include "tests/testing/postgres_cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sextant {
namespace {

constexpr int kStartAttempts = 5;

// Ends when its standard input does, that is when the test process is gone for whatever reason.
constexpr char kGuardianScript[] = R"sh(
read -r _
if [ -s "$0/data/postmaster.pid" ]; then
  kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")" 2>/dev/null
fi
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$0" 2>/dev/null && exit 0
  sleep 0.1
done
)sh";

constexpr char kSettings[] = R"(
listen_addresses = '127.0.0.1'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 60
autovacuum = off
timezone = 'America/St_Johns'
datestyle = 'SQL, DMY'
)";

bool IsRoot() { return geteuid() == 0; }

// PostgreSQL refuses to run as root.
const passwd& ServerUser() {
  static const passwd user = [] {
    const passwd* found = IsRoot() ? getpwnam("postgres") : getpwuid(geteuid());
    if (found == nullptr) found = getpwnam("nobody");
    if (found == nullptr) throw std::runtime_error("no user to run PostgreSQL as");
    return *found;
  }();
  return user;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string FindBinaries() {
  std::vector<std::string> folders;
  for (int version = 15; version <= 19; ++version) {
    folders.push_back("/usr/lib/postgresql/" + std::to_string(version) + "/bin");
  }
  for (const char* const folder : {"/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"}) {
    folders.emplace_back(folder);
  }
  for (const std::string& folder : folders) {
    if (access((folder + "/initdb").c_str(), X_OK) == 0) return folder;
  }
  throw std::runtime_error("PostgreSQL's initdb was not found; install postgresql-15");
}

std::string Binary(const std::string& name) {
  static const std::string folder = FindBinaries();
  return folder + "/" + name;
}

// Runs a program as the server's user in `folder`, its output in `log`; the exit code.
int RunAsServerUser(const std::vector<std::string>& command, const std::string& folder,
                    const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const passwd& user = ServerUser();
  const bool change_user = IsRoot();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    // Only calls that are safe after fork in a program with threads.
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    const int input = open("/dev/null", O_RDONLY);
    if (output < 0 || input < 0 || chdir(folder.c_str()) != 0) _exit(126);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    if (change_user &&
        (setgroups(0, nullptr) != 0 || setgid(user.pw_gid) != 0 || setuid(user.pw_uid) != 0)) {
      _exit(126);
    }
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no free port");
  }
  close(listener);
  return ntohs(address.sin_port);
}

}  // namespace

PostgresCluster& PostgresCluster::Shared() {
  static const std::unique_ptr<PostgresCluster> cluster = Start();
  return *cluster;
}

std::unique_ptr<PostgresCluster> PostgresCluster::Start(std::string_view settings) {
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster());
  cluster->MakeFolder();
  cluster->StartGuardian();
  cluster->Initialize(settings);
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    cluster->port_ = FreePort();
    if (cluster->TryStart()) return cluster;
  }
  throw std::runtime_error("PostgreSQL did not start: " + ReadFile(cluster->folder_ + "/log") +
                           ReadFile(cluster->folder_ + "/server.log"));
}

PostgresCluster::~PostgresCluster() {
  // The guardian does the rest; waiting for it leaves nothing behind when the test ends normally.
  if (guardian_pipe_ >= 0) close(guardian_pipe_);
  if (guardian_pid_ > 0) {
    while (waitpid(guardian_pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void PostgresCluster::MakeFolder() {
  const char* const parent = std::getenv("TMPDIR");
  // A path of a socket has at most 107 bytes.
  const bool use_parent = parent != nullptr && std::string_view(parent).size() < 60;
  std::string path = std::string(use_parent ? parent : "/tmp") + "/sextant-pg-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed for " + path);
  folder_ = path;
  if (IsRoot() && chown(path.c_str(), ServerUser().pw_uid, ServerUser().pw_gid) != 0) {
    throw std::runtime_error("chown failed for " + path);
  }
}

void PostgresCluster::StartGuardian() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    setsid();  // the keys that end the test must not end its guardian
    dup2(ends[0], 0);
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    execl("/bin/sh", "sh", "-c", kGuardianScript, folder_.c_str(), nullptr);
    _exit(127);
  }
  close(ends[0]);
  guardian_pipe_ = ends[1];
  guardian_pid_ = pid;
}

void PostgresCluster::Initialize(std::string_view settings) {
  const std::string log = folder_ + "/log";
  const int code =
      RunAsServerUser({Binary("initdb"), "--pgdata=" + folder_ + "/data", "--username=postgres",
                       "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale-provider=icu",
                       "--icu-locale=en-US", "--locale=C.UTF-8"},
                      folder_, log);
  if (code != 0) throw std::runtime_error("initdb failed: " + ReadFile(log));
  std::ofstream config(folder_ + "/data/postgresql.conf", std::ios::app);
  config << kSettings << "unix_socket_directories = '" << folder_ << "'\n" << settings << "\n";
  if (!config.flush()) throw std::runtime_error("postgresql.conf cannot be written");
}

bool PostgresCluster::TryStart() {
  return RunAsServerUser(
             {Binary("pg_ctl"), "start", "--wait", "--silent", "--pgdata=" + folder_ + "/data",
              "--log=" + folder_ + "/server.log", "--options=-p " + std::to_string(port_)},
             folder_, folder_ + "/log") == 0;
}

void PostgresCluster::Control(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {Binary("pg_ctl"), "--wait", "--silent",
                                      "--pgdata=" + folder_ + "/data"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  if (RunAsServerUser(command, folder_, folder_ + "/log") != 0) {
    throw std::runtime_error("pg_ctl failed: " + ReadFile(folder_ + "/log") +
                             ReadFile(folder_ + "/server.log"));
  }
}

void PostgresCluster::StartAgain() {
  if (!TryStart())
    throw std::runtime_error("no restart: " + ReadFile(folder_ + "/log") +
                             ReadFile(folder_ + "/server.log"));
}

void PostgresCluster::Stop() { Control({"stop", "--mode=fast"}); }

void PostgresCluster::StopImmediately() { Control({"stop", "--mode=immediate"}); }

void PostgresCluster::Restart() {
  Stop();
  StartAgain();
}

pid_t PostgresCluster::PostmasterPid() const {
  return static_cast<pid_t>(std::stol(ReadFile(folder_ + "/data/postmaster.pid")));
}

std::string PostgresCluster::CreateDatabase() {
  const std::string name = "test_" + std::to_string(++num_databases_);
  ExecuteSql(Conninfo(), "CREATE DATABASE " + name);
  return Conninfo(name);
}

std::string PostgresCluster::Conninfo(std::string_view database, std::string_view user) const {
  return "host=" + folder_ + " port=" + std::to_string(port_) + " dbname=" + std::string(database) +
         " user=" + std::string(user);
}

std::string PostgresCluster::TcpConninfo(std::string_view database, std::string_view user) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=" + std::string(database) +
         " user=" + std::string(user);
}

std::vector<std::vector<std::optional<std::string>>> ExecuteSql(const std::string& conninfo,
                                                                const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()),
                                                                &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  std::vector<std::vector<std::optional<std::string>>> rows(PQntuples(result.get()));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      if (PQgetisnull(result.get(), row, column) != 0) {
        rows[row].emplace_back(std::nullopt);
      } else {
        rows[row].emplace_back(PQgetvalue(result.get(), row, column));
      }
    }
  }
  return rows;
}

std::string ExecuteSqlScalar(const std::string& conninfo, const std::string& sql) {
  return ExecuteSql(conninfo, sql).at(0).at(0).value();
}

}  // namespace sextant
