#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/session.h"

namespace sextant {

/// The state of the source that one load reads.
struct SourceSnapshot {
  std::string id;    // of pg_export_snapshot; valid while the exporting transaction is open
  absl::Time as_of;  // everything committed before it is in the snapshot
  bool in_recovery =
      false;  // a standby: as_of is then at most the time of the last replayed commit
};

/// One REPEATABLE READ READ ONLY transaction of a load: a leader that exports its snapshot, or a
/// follower that imports it. All datasets of a group are read by one leader and any number of
/// followers, and so from one state of the source. The leader stays open until every follower has
/// joined.
///
/// Relations are locked in ACCESS SHARE mode, the leader's before its snapshot is taken: a table
/// that is truncated or rewritten after a snapshot looks empty to it, without an error, and so does
/// a materialized view that is replaced. Rolled back
/// on destruction. Move-only; for the thread that uses the session.
class LoadTransaction {
 public:
  /// Errors: Unavailable when a relation is locked by others (lock_timeout) or was replaced since
  /// it was resolved; FailedPrecondition when the role may not lock a relation; Cancelled after
  /// `stop`.
  static absl::StatusOr<LoadTransaction> Lead(PostgresSession& session,
                                              std::span<const SourceRelation> relations,
                                              std::stop_token stop);

  /// REQUIRES: the leader of `snapshot` is open on the same server, and has locked `relations`.
  static absl::StatusOr<LoadTransaction> Follow(PostgresSession& session,
                                                const SourceSnapshot& snapshot,
                                                std::span<const SourceRelation> relations,
                                                std::stop_token stop);

  ~LoadTransaction() { End(); }
  LoadTransaction(LoadTransaction&& other) noexcept;
  LoadTransaction& operator=(LoadTransaction&& other) noexcept;

  const SourceSnapshot& snapshot() const { return snapshot_; }
  PostgresSession& session() { return *session_; }

  /// Has the server end every later statement of this transaction after `limit`, or after the
  /// session's own limit where that is shorter. After the transaction the latter holds again.
  absl::Status LimitStatements(absl::Duration limit, std::stop_token stop);

  /// Rolls back (it only read) and gives up the locks. Idempotent; also after the connection was
  /// lost.
  void End();

 private:
  explicit LoadTransaction(PostgresSession& session) : session_(&session) {}

  absl::Status Begin(std::stop_token stop);
  absl::Status Lock(std::span<const SourceRelation> relations, std::stop_token stop);
  /// Locks what LOCK TABLE does not take, by reading none of it.
  absl::Status Touch(std::span<const SourceRelation> relations, std::stop_token stop);
  absl::Status CheckLocked(std::span<const SourceRelation> relations, std::stop_token stop);
  absl::Status ExportSnapshot(std::stop_token stop);

  PostgresSession* session_;
  SourceSnapshot snapshot_;
};

}  // namespace sextant
