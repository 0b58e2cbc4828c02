#pragma once

#include <random>
#include <string>
#include <vector>

#include "compute/column/table.h"
#include "compute/plan/bound_query.h"
#include "tests/testing/table_of.h"

namespace sextant {

/// An expression as it is bound, and as PostgreSQL writes it.
struct WrittenExpression {
  BoundExpression bound;
  std::string sql;
  /// Decimals: digits at most, of any value.
  int digits = 0;
};

/// Makes typed expressions at random over the columns of SampleRows(), of which each operation and
/// cast is one that PostgreSQL has, and computes alike or refuses.
class RandomExpressions {
 public:
  RandomExpressions(uint64_t seed, const Table& table, absl::TimeZone zone);

  /// Of any type.
  WrittenExpression Next();
  /// Whether the last expression may do without an argument that fails: PostgreSQL does not always.
  bool may_hide_failures() const { return has_choice_; }

 private:
  struct Condition {
    BoundPredicate is_true;
    BoundPredicate is_false;
    std::string sql;
  };
  using Make = WrittenExpression (RandomExpressions::*)(int depth);

  WrittenExpression Integer(int depth);
  WrittenExpression Float(int depth);
  WrittenExpression Numeric(int depth);
  WrittenExpression String(int depth);
  WrittenExpression Boolean(int depth);
  WrittenExpression Day(int depth);
  WrittenExpression Instant(int depth);
  WrittenExpression Duration(int depth);
  WrittenExpression IntegerLeaf();
  WrittenExpression NumericRounded(int depth);
  WrittenExpression Extract(int depth);
  WrittenExpression Shifted(int depth);
  WrittenExpression StringCast(int depth);

  WrittenExpression Column(const char* name);
  WrittenExpression Null(const DataType& type, const char* sql_type);
  WrittenExpression Choose(Make make, int depth);
  WrittenExpression Apply(ExpressionOp op, const DataType& type, const std::string& sql,
                          std::vector<WrittenExpression> arguments);
  WrittenExpression Cast(const DataType& type, const char* sql_type, WrittenExpression argument);
  /// `value` at another scale, which no digit is lost by.
  WrittenExpression AtScale(WrittenExpression value, int scale);

  Condition Test(int depth);
  Condition TestLeaf(int depth);
  Condition Compared(int depth);
  Condition Matched(int depth);

  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }
  template <typename T>
  const T& OneOf(const std::vector<T>& choices) {
    return choices[random_() % choices.size()];
  }

  std::mt19937_64 random_;
  const Table& table_;
  const absl::TimeZone zone_;
  bool has_choice_ = false;
};

/// Rows that are biased to edges: limits, NaN, -0, NULL, changes of the clock, letters of many
/// alphabets. And the statements that make them in PostgreSQL, as table `t` with the key `id`.
struct SampleRows {
  std::vector<ColumnCells> columns;
  std::string sql;
};
SampleRows MakeSampleRows(uint64_t seed, int num_rows);

}  // namespace sextant
