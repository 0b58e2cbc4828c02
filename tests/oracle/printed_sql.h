#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "compute/exec/result.h"
#include "tests/oracle/answer.h"
#include "tests/oracle/case.h"
#include "tests/oracle/postgres_link.h"
#include "tests/oracle/product_answer.h"

namespace sextant::oracle {

/// Answers requests with the SQL that the product prints for them (rule 25), in a session whose
/// settings are not the usual ones: the text must not depend on them. Thread-safety: none.
class PrintedSql {
 public:
  explicit PrintedSql(const std::string& conninfo);

  /// `versions` are loaded: their intervals are the product's. Refused when there is no
  /// SQL, or PostgreSQL takes it for none; unknown when the product has no answer, or PostgreSQL
  /// stops at a number that the product leaves out.
  Answer Ask(const Versions& versions, const TableCase& table, const RequestCase& request);

  /// The statement of the last Ask, for people.
  const std::string& last_sql() const { return last_sql_; }

 private:
  Answer Read(const TableCase& table, const RequestCase& request, const ResultHeader& header);

  PostgresLink postgres_;
  std::string last_sql_;
  std::set<std::string> lacks_sql_;  // columns of it
};

}  // namespace sextant::oracle
