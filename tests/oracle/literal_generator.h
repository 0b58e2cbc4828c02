#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/draws.h"
#include "tests/oracle/value_generator.h"

namespace sextant::oracle {

/// Constants for comparisons with the columns of a table, mostly values that they hold.
class LiteralGenerator {
 public:
  LiteralGenerator(Draws& draws, const TableCase& table, const TimeFocus& focus,
                   const std::string& zone)
      : draws_(draws), table_(table), focus_(focus), zone_(zone) {}

  /// A constant to compare with `value`, whose rows are like those of `column` (or -1). `in_list`:
  /// among others, which PostgreSQL brings to one type.
  Expr For(const Type& type, int column, bool in_list);
  static Expr Null(const Type& type);
  /// `datum`, written so that PostgreSQL takes it as `type`.
  Expr Written(const Type& type, const Datum& datum);

 private:
  Datum Draw(const Type& type, int column);
  /// `may_quote`: quoted text is taken as the type.
  Expr Number(const Type& type, const Datum& datum, bool in_list, bool may_quote);
  Expr Float(const Type& type, double value, bool in_list);
  Expr Instant(int64_t instant_us);
  /// now(), or some time before it.
  Expr Now();
  static std::string IntervalText(const Datum& datum);

  Draws& draws_;
  const TableCase& table_;
  const TimeFocus& focus_;
  const std::string& zone_;
};

}  // namespace sextant::oracle
