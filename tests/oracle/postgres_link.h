#pragma once

#include <optional>
#include <string>
#include <vector>

struct pg_conn;

namespace sextant::oracle {

/// Rows of text, or the error that PostgreSQL gave.
struct SqlResult {
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::string error;     // empty: none
  std::string sqlstate;  // of the error
};

/// A session that lasts as long as the test, because cases are many and short. Thread-safety: none.
class PostgresLink {
 public:
  /// Ends the test program when it cannot connect.
  explicit PostgresLink(const std::string& conninfo);
  ~PostgresLink();
  PostgresLink(const PostgresLink&) = delete;
  PostgresLink& operator=(const PostgresLink&) = delete;

  SqlResult Run(const std::string& sql);
  /// Ends the test program on an error.
  std::vector<std::vector<std::optional<std::string>>> RunOrDie(const std::string& sql);
  /// COPY `table` FROM STDIN.
  void CopyOrDie(const std::string& table, const std::string& text);

 private:
  pg_conn* const connection_;
};

}  // namespace sextant::oracle
