#pragma once

#include <string>
#include <vector>

#include "tests/oracle/case.h"

namespace sextant::oracle {

/// 'it''s'
std::string QuoteText(const std::string& text);
/// "odd ""name"
std::string QuoteName(const std::string& name);

/// The labels of the enum type of every table, in declared order, which is not alphabetical.
std::vector<std::string> EnumLabels();
inline constexpr char kEnumType[] = "oracle_mood";

/// Writes expressions, for the two readers there are.
class ExpressionWriter {
 public:
  enum class Reader {
    kRequest,  // as a user writes them to the product
    kSql,      // as PostgreSQL must read them to mean what the rules say
  };
  ExpressionWriter(Reader reader, const TableCase& table) : reader_(reader), table_(table) {}

  std::string Write(const Expr& expr) const;
  std::string WriteColumn(int column) const;

 private:
  bool for_sql() const { return reader_ == Reader::kSql; }
  std::string WriteCondition(const Expr& expr) const;
  std::string WriteArithmetic(const Expr& expr) const;
  std::string WriteCall(const Expr& expr) const;
  std::string WriteCase(const Expr& expr) const;
  std::string Join(const std::vector<Expr>& args, size_t first, const std::string& between) const;
  std::string Array(const Expr& expr) const;
  std::string WriteExists(const Expr& expr) const;

  const Reader reader_;
  const TableCase& table_;
};

/// The canonical text (datum.h) of the SQL value `sql`; NULL of NULL.
std::string CanonicalSql(const Type& type, const std::string& sql);
/// What CanonicalSql gave, where it is a list of floats with each written as FloatText does.
std::string WithFloatTexts(const Type& type, const std::string& text);

/// Functions and types that the SQL of a case uses: run once per database.
std::string PreludeSql();

/// CREATE TABLE with a column `oracle_live` besides the case's. REQUIRES: all columns are stored.
std::string CreateTableSql(const TableCase& table);
/// The rows in COPY's text format.
std::string CopyText(const TableCase& table);

}  // namespace sextant::oracle
