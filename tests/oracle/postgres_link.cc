#include "tests/oracle/postgres_link.h"

#include <libpq-fe.h>

#include "compute/memory/check.h"

namespace sextant::oracle {

PostgresLink::PostgresLink(const std::string& conninfo)
    : connection_(PQconnectdb(conninfo.c_str())) {
  SEXTANT_CHECK(PQstatus(connection_) == CONNECTION_OK) << PQerrorMessage(connection_);
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
}

PostgresLink::~PostgresLink() { PQfinish(connection_); }

SqlResult PostgresLink::Run(const std::string& sql) {
  SqlResult result;
  PGresult* answer = PQexec(connection_, sql.c_str());
  const ExecStatusType status = PQresultStatus(answer);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    result.error = PQresultErrorMessage(answer);
    const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    result.sqlstate = state == nullptr ? "" : state;
  }
  for (int row = 0; row < PQntuples(answer); ++row) {
    auto& values = result.rows.emplace_back();
    for (int column = 0; column < PQnfields(answer); ++column) {
      if (PQgetisnull(answer, row, column) != 0) {
        values.emplace_back();
      } else {
        values.emplace_back(PQgetvalue(answer, row, column));
      }
    }
  }
  PQclear(answer);
  return result;
}

std::vector<std::vector<std::optional<std::string>>> PostgresLink::RunOrDie(
    const std::string& sql) {
  SqlResult result = Run(sql);
  SEXTANT_CHECK(result.error.empty()) << result.error << "\n" << sql;
  return std::move(result.rows);
}

void PostgresLink::CopyOrDie(const std::string& table, const std::string& text) {
  PGresult* start = PQexec(connection_, ("COPY " + table + " FROM STDIN").c_str());
  SEXTANT_CHECK(PQresultStatus(start) == PGRES_COPY_IN) << PQerrorMessage(connection_);
  PQclear(start);
  PQputCopyData(connection_, text.data(), static_cast<int>(text.size()));
  PQputCopyEnd(connection_, nullptr);
  PGresult* end = PQgetResult(connection_);
  SEXTANT_CHECK(PQresultStatus(end) == PGRES_COMMAND_OK) << PQerrorMessage(connection_);
  while (end != nullptr) {
    PQclear(end);
    end = PQgetResult(connection_);
  }
}

}  // namespace sextant::oracle
