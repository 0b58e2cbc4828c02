#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sextant {

/// A PostgreSQL server of the test's own: made by initdb in a temporary folder, reached by a socket
/// in that folder and by a free TCP port of the loopback interface, run as an unprivileged user
/// when the test is root. Its defaults are hostile on purpose: ICU collation en-US, session zone
/// America/St_Johns, dates printed day first.
///
/// A guardian process ends the server and removes the folder when the test ends, in whatever way.
/// Failures throw std::runtime_error with what the server said. For one thread at a time.
class PostgresCluster {
 public:
  /// One running cluster for all tests of this binary; started on first use.
  static PostgresCluster& Shared();

  /// A running cluster of its own, for tests that stop or break the server.
  /// `settings` are lines appended to postgresql.conf.
  static std::unique_ptr<PostgresCluster> Start(std::string_view settings = "");

  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// Brings a stopped server up again, on the same port.
  void StartAgain();
  /// Stops as an operator does: sessions are told, their work is rolled back.
  void Stop();
  /// Stops as a crash does: connections break in mid-stream.
  void StopImmediately();
  /// Stop and StartAgain.
  void Restart();

  /// Makes a database of a new name; returns its conninfo (superuser, by the socket).
  std::string CreateDatabase();

  /// Conninfo of `database` for `user`, by the socket in the folder.
  std::string Conninfo(std::string_view database = "postgres",
                       std::string_view user = "postgres") const;
  /// The same by TCP.
  std::string TcpConninfo(std::string_view database = "postgres",
                          std::string_view user = "postgres") const;

  int port() const { return port_; }
  const std::string& folder() const { return folder_; }
  pid_t PostmasterPid() const;

 private:
  PostgresCluster() = default;

  void MakeFolder();
  void StartGuardian();
  void Initialize(std::string_view settings);
  bool TryStart();
  void Control(const std::vector<std::string>& arguments);

  std::string folder_;
  int port_ = 0;
  int guardian_pipe_ = -1;
  pid_t guardian_pid_ = -1;
  int num_databases_ = 0;
};

/// Runs `sql` (any number of statements) on a connection of its own; the rows of the last one, SQL
/// NULL as nullopt. Throws std::runtime_error on an error.
std::vector<std::vector<std::optional<std::string>>> ExecuteSql(const std::string& conninfo,
                                                                const std::string& sql);

/// The single value of the single row of `sql`.
std::string ExecuteSqlScalar(const std::string& conninfo, const std::string& sql);

}  // namespace sextant
