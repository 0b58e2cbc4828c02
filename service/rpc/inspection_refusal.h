#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace sextant {

/// What ExplainMetrics and VerifyMetrics tell their callers when they do not answer. Thread-safe.

/// PERMISSION_DENIED with ErrorDetail{reason SWITCHED_OFF, metadata setting}.
absl::Status SwitchedOff(const std::string& method, const std::string& setting);

/// FAILED_PRECONDITION with ErrorDetail{reason HAS_NO_SQL, metadata parts}: each whole, as
/// many as a message holds.
absl::Status HasNoSql(const std::vector<std::string>& parts);

/// What a verification is doing, for errors: ErrorInfo(stage) of a deadline.
enum class VerificationStage { kQueue, kLoad, kRun, kSql, kCompare };

/// DEADLINE_EXCEEDED with ErrorDetail{reason DEADLINE, metadata stage: QUEUE, LOAD, RUN, SQL or
/// COMPARE}.
absl::Status DeadlinePassedIn(VerificationStage stage);

/// What a caller may know of an error of the source or of the load of `datasets`: whose it is and
/// what it means for him. Its text is for the log only: it may hold hosts, SQL and values of other
/// tenants. Errors of our own keep their code and text, which QueryCall::ForCaller hides.
///   UNAVAILABLE          SOURCE_UNAVAILABLE: later perhaps; also when the server stops its loads
///   FAILED_PRECONDITION  SOURCE_REFUSED: the source, its data or the catalogue must change first
///   RESOURCE_EXHAUSTED   no memory for the snapshot
absl::Status LoadFailedFor(const std::vector<std::string>& datasets, const absl::Status& error);

/// The same of the equivalent SQL. FAILED_PRECONDITION SQL_FAILED: PostgreSQL cannot compute it on
/// these rows; SQL that it does not understand is our error.
absl::Status SqlFailedFor(const std::vector<std::string>& datasets, const absl::Status& error);

}  // namespace sextant
