#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/postgres/session.h"

namespace sextant {

/// Rows of a binary COPY as they came from the wire, each beginning with its int16 field count;
/// without the stream's header and trailer. Untrusted bytes. Valid during the callback only.
struct RawRowBatch {
  std::span<const std::string_view> rows;  // 1 to kMaxRawRows
  int64_t first_row = 0;                   // position of rows[0] in the stream
};

/// A batch is what stays in L2 between recv and decode: so many rows, or so many bytes; a row
/// larger than that comes alone.
inline constexpr size_t kMaxRawRows = 128;
inline constexpr size_t kMaxRawBatchBytes = 256 * 1024;

struct CopyStatistics {
  int64_t rows = 0;
  int64_t bytes = 0;                                // on the wire, without message headers
  absl::Duration waiting = absl::ZeroDuration();    // for the server
  absl::Duration consuming = absl::ZeroDuration();  // in the callback
};

/// Runs `COPY (select) TO STDOUT (FORMAT binary)` on `session` and hands each batch to `consume`,
/// on the calling thread, as soon as it has arrived. Blocks until the end.
///
/// OK means that the stream is complete: the binary trailer came, then PGRES_COMMAND_OK, and the
/// command tag counts exactly the rows that were seen. An error of the server in mid-stream looks
/// like the end of the rows, so anything less is an error: what `consume` has built must then be
/// dropped.
///
/// Reading never pauses (a backend blocked in send ignores cancels and holds its snapshot). When
/// `consume` fails, `stop` is requested, or nothing arrives for the session's first_byte_timeout or
/// progress_timeout, the statement is cancelled and the rest drained for drain_timeout; a
/// connection that has not come to rest by then is unusable afterwards. After other errors the
/// session can go on.
///
/// Errors: the status of `consume`; Cancelled after `stop`; Unavailable for a lost or hung server
/// (and other retriable SQLSTATEs); FailedPrecondition for the rest of what the server reports;
/// DataLoss when the stream is not what the protocol promises.
absl::StatusOr<CopyStatistics> CopyRows(
    PostgresSession& session, const std::string& select,
    absl::FunctionRef<absl::Status(const RawRowBatch& batch)> consume, std::stop_token stop);

}  // namespace sextant
