#include "storage/postgres/session.h"

#include <libpq-fe.h>

#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/result_iterator.hxx>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"
#include "storage/postgres/connection_watchdog.h"
#include "storage/postgres/pqxx_status.h"
#include "storage/postgres/raw_connection.h"

namespace sextant {
namespace {

constexpr int kOldestServer = 120000;
constexpr int kClientCheckSince = 140000;

ConnectionWatchdog::Duration InMilliseconds(absl::Duration duration) {
  return ConnectionWatchdog::Duration(absl::ToInt64Milliseconds(duration));
}

std::string SettingsSql(const SessionOptions& options, int server_version) {
  std::vector<std::string> calls;
  const auto set = [&](std::string_view name, const std::string& value) {
    calls.push_back(
        absl::StrCat("pg_catalog.set_config('", ToAbsl(name), "', '", value, "', false)"));
  };
  const auto set_ms = [&](std::string_view name, absl::Duration value) {
    set(name, absl::StrCat(absl::ToInt64Milliseconds(value)));
  };
  set("default_transaction_read_only", "on");
  set("row_security", "off");
  set("TimeZone", "UTC");
  // What casts to text look like must not depend on the role's settings.
  set("DateStyle", "ISO, YMD");
  set("IntervalStyle", "postgres");
  set("bytea_output", "hex");
  set("extra_float_digits", "1");
  set("standard_conforming_strings", "on");
  // A load reads everything once, in a stable order; compiling its plan costs more than it saves.
  set("jit", "off");
  set("synchronize_seqscans", "off");
  set_ms("lock_timeout", options.lock_timeout);
  set_ms("idle_in_transaction_session_timeout", options.idle_in_transaction_timeout);
  if (server_version >= kClientCheckSince) {
    set_ms("client_connection_check_interval", options.client_check_interval);
  }
  set_ms("statement_timeout", options.statement_timeout);
  return "SELECT " + absl::StrJoin(calls, ", ");
}

std::vector<TextRow> CopyRows(const pqxx::result& result) {
  std::vector<TextRow> rows;
  rows.reserve(result.size());
  for (const auto& row : result) {
    TextRow& copied = rows.emplace_back();
    for (const auto& field : row) {
      if (field.is_null()) {
        copied.emplace_back(std::nullopt);
      } else {
        copied.emplace_back(std::string(field.c_str(), field.size()));
      }
    }
  }
  return rows;
}

absl::Status StatusOfFailedResult(pg_conn* connection, const PGresult* result,
                                  const std::string& what) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return StatusFromSqlstate(what, state == nullptr ? "" : state,
                            primary == nullptr ? PQerrorMessage(connection) : primary);
}

using ResultPointer = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// The only row of `result`.
TextRow RowOf(const PGresult* result) {
  TextRow row;
  for (int column = 0; column < PQnfields(result); ++column) {
    if (PQgetisnull(result, 0, column) != 0) {
      row.emplace_back(std::nullopt);
    } else {
      row.emplace_back(std::string(PQgetvalue(result, 0, column),
                                   static_cast<size_t>(PQgetlength(result, 0, column))));
    }
  }
  return row;
}

/// Takes what a statement that was sent gives, to its end: after an error it is cancelled and
/// drained.
absl::Status TakeResults(pg_conn* connection, const std::string& where,
                         absl::FunctionRef<absl::Status(TextRow row)> take) {
  absl::Status status;
  while (true) {
    const ResultPointer result(PQgetResult(connection), &PQclear);
    if (result == nullptr) return status;
    if (!status.ok()) continue;
    const ExecStatusType kind = PQresultStatus(result.get());
    if (kind == PGRES_SINGLE_TUPLE) {
      status = take(RowOf(result.get()));
      if (!status.ok()) RequestCancel(connection);
    } else if (kind != PGRES_TUPLES_OK) {
      status = StatusOfFailedResult(connection, result.get(), where);
    }
  }
}

}  // namespace

struct PostgresSession::State {
  SessionOptions options;
  std::unique_ptr<RawConnection> connection;
  std::unique_ptr<ConnectionWatchdog> watchdog;
};

PostgresSession::PostgresSession(std::unique_ptr<State> state) : state_(std::move(state)) {}

PostgresSession::~PostgresSession() = default;

const SessionOptions& PostgresSession::options() const { return state_->options; }

int PostgresSession::server_version() const {
  return handle() == nullptr ? 0 : PQserverVersion(handle());
}

pg_conn* PostgresSession::handle() const { return state_->connection->handle(); }

bool PostgresSession::IsUsable() const {
  return handle() != nullptr && PQstatus(handle()) == CONNECTION_OK;
}

void PostgresSession::RequestCancel() {
  if (handle() != nullptr) sextant::RequestCancel(handle());
}

absl::StatusOr<std::unique_ptr<PostgresSession>> PostgresSession::Open(SessionOptions options,
                                                                       std::stop_token stop) {
  const std::string where = absl::StrCat("source '", options.source_name, "': ");
  auto connection = RawConnection::Open({.conninfo = options.conninfo,
                                         .connect_timeout = options.connect_timeout,
                                         .tcp_user_timeout = options.tcp_user_timeout});
  if (!connection.ok()) {
    return PrefixStatus(where, connection.status());
  }
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  state->connection = *std::move(connection);
  state->watchdog = std::make_unique<ConnectionWatchdog>(
      state->connection->handle(), InMilliseconds(state->options.drain_timeout));
  auto session = std::unique_ptr<PostgresSession>(new PostgresSession(std::move(state)));
  if (session->server_version() < kOldestServer) {
    return absl::FailedPreconditionError(absl::StrCat(where, "PostgreSQL version ",
                                                      session->server_version() / 10000,
                                                      "; allowed: 12 and later"));
  }
  if (absl::Status status = session->ApplySettings(stop); !status.ok()) return status;
  return session;
}

absl::Status PostgresSession::ApplySettings(std::stop_token stop) {
  return Query("setting up the session", SettingsSql(options(), server_version()), stop).status();
}

absl::Status PostgresSession::Guarded(
    std::string_view what, absl::Duration limit, std::stop_token stop,
    absl::FunctionRef<absl::Status(const std::string& what)> call) {
  const std::string where = absl::StrCat("source '", options().source_name, "': ", ToAbsl(what));
  if (stop.stop_requested()) return absl::CancelledError(absl::StrCat(where, ": stopped"));
  if (!IsUsable()) return StatusFromSqlstate(where, "", "the connection was lost");
  state_->watchdog->Arm(InMilliseconds(limit), stop);
  const absl::Status status = call(where);
  const ConnectionWatchdog::Verdict verdict = state_->watchdog->Disarm();
  if (status.ok()) return status;
  if (verdict == ConnectionWatchdog::Verdict::kStopped) {
    return absl::CancelledError(absl::StrCat(where, ": stopped"));
  }
  if (verdict == ConnectionWatchdog::Verdict::kLimitPassed) {
    return StatusFromSqlstate(where, "",
                              absl::StrCat("the server gave no answer for ",
                                           absl::FormatDuration(limit), "; connection closed"));
  }
  return status;
}

absl::StatusOr<std::vector<TextRow>> PostgresSession::QueryWithin(absl::Duration limit,
                                                                  std::string_view what,
                                                                  const std::string& sql,
                                                                  std::stop_token stop) {
  std::vector<TextRow> rows;
  const absl::Status status = Guarded(what, limit, stop, [&](const std::string& where) {
    return CatchPqxx(where, [&] {
      pqxx::nontransaction transaction(state_->connection->pqxx());
      rows = CopyRows(transaction.exec(sql));
    });
  });
  if (!status.ok()) return status;
  return rows;
}

absl::StatusOr<std::vector<TextRow>> PostgresSession::Query(std::string_view what,
                                                            const std::string& sql,
                                                            std::stop_token stop) {
  return QueryWithin(options().progress_timeout, what, sql, std::move(stop));
}

absl::Status PostgresSession::StreamRows(absl::Duration limit, std::string_view what,
                                         const std::string& sql,
                                         absl::FunctionRef<absl::Status(TextRow row)> take,
                                         std::stop_token stop) {
  return Guarded(what, limit, std::move(stop), [&](const std::string& where) {
    if (PQsendQuery(handle(), sql.c_str()) == 0 || PQsetSingleRowMode(handle()) == 0) {
      return StatusFromSqlstate(where, "", PQerrorMessage(handle()));
    }
    return TakeResults(handle(), where, take);
  });
}

absl::StatusOr<std::vector<StatementColumn>> PostgresSession::Describe(std::string_view what,
                                                                       const std::string& sql,
                                                                       std::stop_token stop) {
  std::vector<StatementColumn> columns;
  const auto describe = [&](const std::string& where) {
    pg_conn* const connection = handle();
    const ResultPointer prepared(PQprepare(connection, "", sql.c_str(), 0, nullptr), &PQclear);
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
      return StatusOfFailedResult(connection, prepared.get(), where);
    }
    const ResultPointer described(PQdescribePrepared(connection, ""), &PQclear);
    if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) {
      return StatusOfFailedResult(connection, described.get(), where);
    }
    for (int index = 0; index < PQnfields(described.get()); ++index) {
      columns.push_back(
          {.name = PQfname(described.get(), index),
           .type_oid = PQftype(described.get(), index),
           .typmod = PQfmod(described.get(), index),
           .origin_relation_oid = PQftable(described.get(), index),
           .origin_attribute = static_cast<int16_t>(PQftablecol(described.get(), index))});
    }
    return absl::OkStatus();
  };
  const absl::Status status = Guarded(what, options().progress_timeout, std::move(stop), describe);
  if (!status.ok()) return status;
  return columns;
}

}  // namespace sextant
