#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace sextant {

/// The one place where exceptions of libpqxx end. Runs `call`; an exception becomes a Status whose
/// message starts with `what` (for example "source 'warehouse': locking github.pulls").
absl::Status CatchPqxx(std::string_view what, absl::FunctionRef<void()> call);

/// The Status of an error that PostgreSQL reported under a five-character SQLSTATE.
///
///   Unavailable         a retry helps: 08 connection, 40 rollback, 53 resources, 55 locks,
///                       57 operator intervention and cancelled statements, 58 system, 25006
///                       read-only (a failover in progress), 25P03 idle timeout
///   InvalidArgument     the SQL itself is wrong whatever the server holds: 42601 syntax
///   FailedPrecondition  the source, its data, its grants or the catalogue must change first: the
///   rest
///
/// The message reads "<what>: PostgreSQL <sqlstate>: <message>"; SqlstateOf gives the code back.
absl::Status StatusFromSqlstate(std::string_view what, std::string_view sqlstate,
                                std::string_view message);

/// The SQLSTATE that a Status of this folder carries; "08006" (connection failure) for a lost
/// connection without one; empty when the error did not come from PostgreSQL.
std::string SqlstateOf(const absl::Status& status);

/// `status` with `prefix` before its message, and its SQLSTATE kept.
absl::Status PrefixStatus(std::string_view prefix, const absl::Status& status);

/// True when the same load may succeed later without anybody's action.
bool IsRetriable(const absl::Status& status);

}  // namespace sextant
