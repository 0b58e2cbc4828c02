#pragma once

#include <string>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// Evaluates expressions over one row at a time, in the most obvious way.
class NaiveRow {
 public:
  NaiveRow(const TableCase& table, const Row& row, const std::string& zone)
      : table_(table), row_(row), zone_(zone) {}

  /// The value, an instant where it is a local time. A condition is a bool, or NULL.
  /// `excluded` is set when a part could not be computed (rule 5).
  Datum Evaluate(const Expr& expr, bool* excluded = nullptr) const;
  bool IsTrue(const Expr& condition) const;
  Datum ColumnValue(int column) const;

 private:
  Datum Compute(const Expr& expr) const;
  Datum Choice(const Expr& expr) const;
  Datum Condition(const Expr& expr) const;
  Datum Match(const Expr& expr, const Datum& value) const;
  Datum InList(const Expr& expr) const;
  Datum MatchElements(const Expr& expr) const;
  Datum ListCompare(const Expr& expr) const;
  Datum Logic(const Expr& expr) const;
  Datum Exists(const Expr& expr) const;

  const TableCase& table_;
  const Row& row_;
  const std::string& zone_;
  mutable bool excluded_ = false;
};

/// Whether the row is live and the tenant's (of a table with tenants).
bool NaiveScope(const TableCase& table, const std::string& tenant, const Row& row);

/// Compares two numbers of any types as PostgreSQL does, or two values of one type.
int CompareTyped(const Type& a_type, const Datum& a, const Type& b_type, const Datum& b);

}  // namespace sextant::oracle
