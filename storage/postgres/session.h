#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct pg_conn;

namespace sextant {

/// How a session is opened and how long it may wait. Every limit holds by default; none is
/// infinite.
struct SessionOptions {
  std::string source_name;  // of the catalogue, for messages
  std::string conninfo;
  absl::Duration connect_timeout = absl::Seconds(3);
  absl::Duration tcp_user_timeout = absl::Seconds(4);  // a silent cut is seen after about this

  // Limits that the server enforces.
  absl::Duration statement_timeout = absl::Minutes(10);  // also the longest COPY
  absl::Duration lock_timeout = absl::Seconds(2);        // a queued lock blocks later readers
  absl::Duration idle_in_transaction_timeout = absl::Minutes(2);
  absl::Duration client_check_interval = absl::Seconds(5);  // an orphaned backend ends after this

  // Limits that we enforce, for a server that hangs.
  absl::Duration first_byte_timeout = absl::Minutes(5);  // of a COPY: covers its sort
  absl::Duration progress_timeout = absl::Seconds(15);  // no byte for so long; catalogue statements
  absl::Duration drain_timeout = absl::Seconds(5);      // from a cancel to its end, then we close
};

/// One row of a result in text form; SQL NULL is nullopt.
using TextRow = std::vector<std::optional<std::string>>;

/// A column of a statement's result as the server describes it before running it.
struct StatementColumn {
  std::string name;
  uint32_t type_oid = 0;
  int32_t typmod = -1;
  uint32_t origin_relation_oid = 0;  // 0 when the column is computed
  int16_t origin_attribute = 0;
};

/// A read-only connection to one source with every setting of a load: timeouts, row_security off (a
/// hidden row is an error, never a missing row), UTC, UTF-8, no JIT, no synchronized scans. Every
/// wait is bounded and ends soon after its stop token. After an error the session may be unusable:
/// IsUsable. For one thread at a time; RequestCancel may be called by any thread.
class PostgresSession {
 public:
  /// Errors: Unavailable when no server answers; FailedPrecondition for a server before version 12;
  /// InvalidArgument for a malformed conninfo.
  static absl::StatusOr<std::unique_ptr<PostgresSession>> Open(SessionOptions options,
                                                               std::stop_token stop);

  ~PostgresSession();

  /// Runs one statement of the catalogue kind: it has progress_timeout to answer. `what` opens the
  /// message of an error.
  absl::StatusOr<std::vector<TextRow>> Query(std::string_view what, const std::string& sql,
                                             std::stop_token stop);

  /// The same for a statement that may take `limit`.
  absl::StatusOr<std::vector<TextRow>> QueryWithin(absl::Duration limit, std::string_view what,
                                                   const std::string& sql, std::stop_token stop);

  /// The same row by row, of which no more than one is held here. An error of `take` cancels the
  /// statement and is the result.
  absl::Status StreamRows(absl::Duration limit, std::string_view what, const std::string& sql,
                          absl::FunctionRef<absl::Status(TextRow row)> take, std::stop_token stop);

  /// The columns that `sql` would return; runs nothing.
  absl::StatusOr<std::vector<StatementColumn>> Describe(std::string_view what,
                                                        const std::string& sql,
                                                        std::stop_token stop);

  /// Cancels what the session is running, without waiting.
  void RequestCancel();

  /// False after the connection was lost or given up.
  bool IsUsable() const;

  const SessionOptions& options() const;
  int server_version() const;  // 150020

  /// The libpq connection, for CopyStream.
  pg_conn* handle() const;

 private:
  struct State;
  explicit PostgresSession(std::unique_ptr<State> state);

  absl::Status ApplySettings(std::stop_token stop);
  absl::Status Guarded(std::string_view what, absl::Duration limit, std::stop_token stop,
                       absl::FunctionRef<absl::Status(const std::string& what)> call);

  const std::unique_ptr<State> state_;
};

}  // namespace sextant
