#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct pg_conn;
namespace pqxx {
class connection_base;
}

namespace sextant {

/// What libpq is told besides the conninfo; a value that the conninfo itself gives wins.
struct ConnectOptions {
  std::string conninfo;  // libpq keyword/value text or URI; PG* environment and passfile apply
  absl::Duration connect_timeout = absl::Seconds(3);   // per host; whole seconds, at least 2
  absl::Duration tcp_user_timeout = absl::Seconds(4);  // also the scale of the keepalives
};

/// A libpqxx connection together with the libpq handle under it, for what libpqxx does not offer:
/// binary COPY, statement descriptions, deadlines and cancellation. The only code that reaches
/// below libpqxx. It never reconnects by itself: a silent reconnection would lose the session's
/// settings. Movable by pointer only; for one thread at a time.
class RawConnection {
 public:
  /// Connects. Blocks for at most connect_timeout per host (and the name lookup of libpq).
  /// Errors: InvalidArgument for a malformed conninfo; Unavailable when no server answers or it
  /// refuses. No message contains the conninfo or the password.
  static absl::StatusOr<std::unique_ptr<RawConnection>> Open(const ConnectOptions& options);

  ~RawConnection();

  pqxx::connection_base& pqxx();

  /// PQstatus tells whether it is still usable; null once libpqxx has given the connection up.
  pg_conn* handle() const;

 private:
  class Captured;
  explicit RawConnection(std::unique_ptr<Captured> captured);

  const std::unique_ptr<Captured> captured_;
};

}  // namespace sextant
