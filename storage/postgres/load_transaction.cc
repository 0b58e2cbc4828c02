#include "storage/postgres/load_transaction.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sextant {
namespace {

std::string JoinNames(std::span<const SourceRelation> relations,
                      std::string (SourceRelation::*name)() const) {
  return absl::StrJoin(relations, ", ", [&](std::string* out, const SourceRelation& relation) {
    out->append((relation.*name)());
  });
}

absl::Status NotLocked(const SessionOptions& options, const SourceRelation& relation) {
  const std::string where =
      absl::StrCat("source '", options.source_name, "': ", relation.ForMessage());
  if (relation.is_selectable) {
    return absl::UnavailableError(where + " was replaced while the load began");
  }
  return absl::FailedPreconditionError(
      where + " cannot be locked for the load: grant SELECT on the whole of it to the role");
}

}  // namespace

LoadTransaction::LoadTransaction(LoadTransaction&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)), snapshot_(std::move(other.snapshot_)) {}

LoadTransaction& LoadTransaction::operator=(LoadTransaction&& other) noexcept {
  if (this == &other) return *this;
  End();
  session_ = std::exchange(other.session_, nullptr);
  snapshot_ = std::move(other.snapshot_);
  return *this;
}

absl::StatusOr<LoadTransaction> LoadTransaction::Lead(PostgresSession& session,
                                                      std::span<const SourceRelation> relations,
                                                      std::stop_token stop) {
  LoadTransaction transaction(session);
  if (absl::Status status = transaction.Begin(stop); !status.ok()) return status;
  if (absl::Status status = transaction.Lock(relations, stop); !status.ok()) return status;
  if (absl::Status status = transaction.ExportSnapshot(stop); !status.ok()) return status;
  if (absl::Status status = transaction.Touch(relations, stop); !status.ok()) return status;
  if (absl::Status status = transaction.CheckLocked(relations, stop); !status.ok()) return status;
  return transaction;
}

absl::StatusOr<LoadTransaction> LoadTransaction::Follow(PostgresSession& session,
                                                        const SourceSnapshot& snapshot,
                                                        std::span<const SourceRelation> relations,
                                                        std::stop_token stop) {
  LoadTransaction transaction(session);
  transaction.snapshot_ = snapshot;
  if (absl::Status status = transaction.Begin(stop); !status.ok()) return status;
  const auto imported = session.Query(
      "joining the snapshot", "SET TRANSACTION SNAPSHOT " + QuoteLiteral(snapshot.id), stop);
  if (!imported.ok()) return imported.status();
  if (absl::Status status = transaction.Lock(relations, stop); !status.ok()) return status;
  if (absl::Status status = transaction.Touch(relations, stop); !status.ok()) return status;
  if (absl::Status status = transaction.CheckLocked(relations, stop); !status.ok()) return status;
  return transaction;
}

absl::Status LoadTransaction::Begin(std::stop_token stop) {
  return session_
      ->Query("beginning the load", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
              std::move(stop))
      .status();
}

absl::Status LoadTransaction::Lock(std::span<const SourceRelation> relations,
                                   std::stop_token stop) {
  std::vector<SourceRelation> lockable;
  for (const SourceRelation& relation : relations) {
    if (relation.IsLockable() && relation.is_selectable) lockable.push_back(relation);
  }
  if (lockable.empty()) return absl::OkStatus();
  // One order for everybody who locks several.
  std::sort(lockable.begin(), lockable.end(),
            [](const SourceRelation& a, const SourceRelation& b) { return a.oid < b.oid; });
  const SessionOptions& options = session_->options();
  return session_
      ->QueryWithin(
          options.progress_timeout + options.lock_timeout * static_cast<int64_t>(lockable.size()),
          absl::StrCat("locking ", JoinNames(lockable, &SourceRelation::ForMessage)),
          absl::StrCat("LOCK TABLE ", JoinNames(lockable, &SourceRelation::Quoted),
                       " IN ACCESS SHARE MODE"),
          std::move(stop))
      .status();
}

absl::Status LoadTransaction::Touch(std::span<const SourceRelation> relations,
                                    std::stop_token stop) {
  for (const SourceRelation& relation : relations) {
    if (!relation.IsTouchable()) continue;
    const auto touched =
        session_->Query("locking " + relation.ForMessage(),
                        absl::StrCat("SELECT FROM ", relation.Quoted(), " LIMIT 0"), stop);
    if (!touched.ok()) return touched.status();
  }
  return absl::OkStatus();
}

absl::Status LoadTransaction::CheckLocked(std::span<const SourceRelation> relations,
                                          std::stop_token stop) {
  std::vector<uint32_t> oids;
  for (const SourceRelation& relation : relations) {
    if (relation.IsLockable() || relation.IsTouchable()) oids.push_back(relation.oid);
  }
  const auto rows = session_->Query(
      "checking the locks",
      absl::StrCat("SELECT wanted.oid FROM pg_catalog.unnest('", OidArrayText(oids),
                   "'::pg_catalog.oid[]) AS wanted(oid) WHERE NOT EXISTS (SELECT FROM "
                   "pg_catalog.pg_locks AS held WHERE held.pid = pg_catalog.pg_backend_pid() AND "
                   "held.locktype = 'relation' AND held.granted AND held.relation = wanted.oid)"),
      std::move(stop));
  if (!rows.ok()) return rows.status();
  for (const SourceRelation& relation : relations) {
    for (const TextRow& row : *rows) {
      if (row[0] == absl::StrCat(relation.oid)) return NotLocked(session_->options(), relation);
    }
  }
  return absl::OkStatus();
}

absl::Status LoadTransaction::ExportSnapshot(std::stop_token stop) {
  // On a standby that is behind, what was committed lately is not in the snapshot yet.
  const auto rows = session_->Query(
      "exporting the snapshot",
      "SELECT pg_catalog.pg_export_snapshot(), pg_catalog.pg_is_in_recovery(), "
      "(extract(epoch FROM CASE WHEN pg_catalog.pg_is_in_recovery() AND "
      "pg_catalog.pg_last_wal_receive_lsn() IS DISTINCT FROM pg_catalog.pg_last_wal_replay_lsn() "
      "THEN least(pg_catalog.now(), pg_catalog.pg_last_xact_replay_timestamp()) "
      "ELSE pg_catalog.now() END) * 1000000)::pg_catalog.int8",
      std::move(stop));
  if (!rows.ok()) return rows.status();
  const TextRow& row = rows->front();
  int64_t as_of_us = 0;
  if (!absl::SimpleAtoi(row[2].value_or(""), &as_of_us)) {
    return absl::InternalError("exporting the snapshot: the server's time is not a number");
  }
  snapshot_ = {.id = row[0].value_or(""),
               .as_of = absl::FromUnixMicros(as_of_us),
               .in_recovery = row[1] == "t"};
  return absl::OkStatus();
}

absl::Status LoadTransaction::LimitStatements(absl::Duration limit, std::stop_token stop) {
  // 0 would be no limit.
  const absl::Duration least = absl::Milliseconds(1);
  const absl::Duration most = session_->options().statement_timeout;
  const int64_t limit_ms =
      absl::ToInt64Milliseconds(absl::Ceil(std::clamp(limit, least, most), least));
  return session_
      ->Query("limiting the statements", absl::StrCat("SET LOCAL statement_timeout = ", limit_ms),
              std::move(stop))
      .status();
}

void LoadTransaction::End() {
  PostgresSession* const session = std::exchange(session_, nullptr);
  if (session == nullptr || !session->IsUsable()) return;
  // A failure means that the connection is lost, which the session's next statement reports.
  const auto ended = session->Query("ending the load", "ROLLBACK", std::stop_token());
  if (!ended.ok()) session->RequestCancel();
}

}  // namespace sextant
