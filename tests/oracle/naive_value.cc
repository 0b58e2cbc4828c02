#include "tests/oracle/naive_value.h"

#include <algorithm>
#include <cmath>

#include "tests/oracle/naive_links.h"
#include "tests/oracle/naive_scalar.h"
#include "tests/oracle/zone_clock.h"

namespace sextant::oracle {
namespace {

/// a * 10^by, saturated: only comparisons see it.
Int128 Rescaled(Int128 value, int by) {
  const Int128 limit = PowerOfTen(38 - by);
  if (value > limit) return PowerOfTen(38);
  if (value < -limit) return -PowerOfTen(38);
  return value * PowerOfTen(by);
}

bool Holds(const std::string& op, int order) {
  if (op == "=") return order == 0;
  if (op == "<>") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  return op == ">" ? order > 0 : order >= 0;
}

}  // namespace

int CompareTyped(const Type& a_type, const Datum& a, const Type& b_type, const Datum& b) {
  if (!IsNumber(a_type.kind)) return CompareDatums(a_type.kind, a, b);
  if (IsFloat(a_type.kind) || IsFloat(b_type.kind)) {
    return CompareFloats(NumberAsFloat(a_type, a), NumberAsFloat(b_type, b));
  }
  const int a_scale = a_type.kind == Kind::kNumeric ? a_type.scale : 0;
  const int b_scale = b_type.kind == Kind::kNumeric ? b_type.scale : 0;
  const int scale = std::max(a_scale, b_scale);
  const Int128 left = Rescaled(a.integer, scale - a_scale);
  const Int128 right = Rescaled(b.integer, scale - b_scale);
  return left < right ? -1 : (right < left ? 1 : 0);
}

bool NaiveScope(const TableCase& table, const std::string& tenant, const Row& row) {
  const auto id = static_cast<int64_t>(row[0].integer);
  // Ascending, as they were drawn.
  if (std::binary_search(table.deleted_ids.begin(), table.deleted_ids.end(), id)) return false;
  if (table.tenant < 0) return true;
  const auto column = static_cast<size_t>(table.tenant);
  return !row[column].is_null && CanonicalText(table.columns[column].type, row[column]) == tenant;
}

Datum NaiveRow::ColumnValue(int column) const {
  const Column& from = table_.columns[static_cast<size_t>(column)];
  Datum datum = row_[static_cast<size_t>(column)];
  if (from.type.kind == Kind::kTimestamp && !datum.is_null) {
    datum.integer = PostgresInstantUs(static_cast<int64_t>(datum.integer), from.zone);
  }
  return datum;
}

Datum NaiveRow::Evaluate(const Expr& expr, bool* excluded) const {
  excluded_ = false;
  Datum datum = Compute(expr);
  if (excluded != nullptr) *excluded = excluded_ && datum.is_null;
  return datum;
}

bool NaiveRow::IsTrue(const Expr& condition) const {
  const Datum truth = Compute(condition);
  return !truth.is_null && truth.integer != 0;
}

Datum NaiveRow::Compute(const Expr& expr) const {
  if (expr.op == Op::kColumn) return ColumnValue(expr.column);
  if (expr.op == Op::kLiteral) return expr.literal;
  if (IsCondition(expr)) return Condition(expr);
  if (expr.op == Op::kCase || expr.op == Op::kCoalesce) return Choice(expr);
  std::vector<Datum> args;
  for (const Expr& arg : expr.args) args.push_back(Compute(arg));
  return ComputeScalar(expr, args, zone_, &excluded_);
}

Datum NaiveRow::Choice(const Expr& expr) const {
  const Expr* taken = nullptr;
  Datum value;
  if (expr.op == Op::kCase) {
    for (size_t i = 0; i + 1 < expr.args.size() && taken == nullptr; i += 2) {
      if (IsTrue(expr.args[i])) taken = &expr.args[i + 1];
    }
    if (taken == nullptr && expr.args.size() % 2 == 1) taken = &expr.args.back();
    if (taken != nullptr) value = Compute(*taken);
  } else {
    for (size_t i = 0; i < expr.args.size() && value.is_null; ++i) {
      taken = &expr.args[i];
      value = Compute(*taken);
    }
  }
  if (expr.type.kind == Kind::kNumeric && !value.is_null) {
    value.integer *= PowerOfTen(expr.type.scale - taken->type.scale);
  }
  return value;
}

Datum NaiveRow::Condition(const Expr& expr) const {
  switch (expr.op) {
    case Op::kAnd:
    case Op::kOr:
    case Op::kNot:
      return Logic(expr);
    case Op::kIn:
      return InList(expr);
    case Op::kOverlaps:
    case Op::kContains:
      return MatchElements(expr);
    case Op::kListCompare:
      return ListCompare(expr);
    case Op::kExists:
      return Exists(expr);
    default:
      break;
  }
  const Datum value = Compute(expr.args[0]);
  if (expr.op == Op::kIsNull) return Datum::OfBool(value.is_null != expr.flag);
  if (expr.op == Op::kIsTrue || expr.op == Op::kIsFalse) {
    const bool is_it = !value.is_null && (value.integer != 0) == (expr.op == Op::kIsTrue);
    return Datum::OfBool(is_it != expr.flag);
  }
  if (expr.op == Op::kDistinct || expr.op == Op::kLike || expr.op == Op::kRegex) {
    return Match(expr, value);
  }
  const auto compare = [&](const std::string& op, const Expr& with) {
    const Datum other = Compute(with);
    if (value.is_null || other.is_null) return Datum();
    return Datum::OfBool(Holds(op, CompareTyped(expr.args[0].type, value, with.type, other)));
  };
  if (expr.op == Op::kCompare) return compare(expr.name, expr.args[1]);
  // BETWEEN is value >= low AND value <= high.
  const Datum low = compare(">=", expr.args[1]);
  const Datum high = compare("<=", expr.args[2]);
  const bool is_false = (!low.is_null && low.integer == 0) || (!high.is_null && high.integer == 0);
  if (is_false) return Datum::OfBool(expr.flag);
  if (low.is_null || high.is_null) return {};
  return Datum::OfBool(!expr.flag);
}

Datum NaiveRow::Match(const Expr& expr, const Datum& value) const {
  const Datum other = Compute(expr.args[1]);
  if (expr.op == Op::kDistinct) {
    const bool is_distinct =
        value.is_null || other.is_null
            ? value.is_null != other.is_null
            : CompareTyped(expr.args[0].type, value, expr.args[1].type, other) != 0;
    return Datum::OfBool(is_distinct != expr.flag);
  }
  if (value.is_null) return {};
  const std::string text = expr.flag ? Lowered(value.text) : value.text;
  return Datum::OfBool(expr.op == Op::kLike ? MatchesLike(text, other.text)
                                            : MatchesRegex(text, other.text));
}

Datum NaiveRow::Logic(const Expr& expr) const {
  if (expr.op == Op::kNot) {
    const Datum value = Compute(expr.args[0]);
    return value.is_null ? value : Datum::OfBool(value.integer == 0);
  }
  const bool decides = expr.op == Op::kOr;
  bool has_null = false;
  for (const Expr& arg : expr.args) {
    const Datum value = Compute(arg);
    if (value.is_null) {
      has_null = true;
    } else if ((value.integer != 0) == decides) {
      return Datum::OfBool(decides);
    }
  }
  return has_null ? Datum() : Datum::OfBool(!decides);
}

Datum NaiveRow::Exists(const Expr& expr) const {
  const LinkCase& link = table_.links[static_cast<size_t>(expr.column)];
  bool exists = false;
  for (const Row* const linked : NaiveLinkedRows(link, table_, row_)) {
    exists =
        exists || expr.args.empty() || NaiveRow(*link.target, *linked, zone_).IsTrue(expr.args[0]);
  }
  return Datum::OfBool(exists != (expr.name == "none_in"));
}

Datum NaiveRow::InList(const Expr& expr) const {
  const Datum value = Compute(expr.args[0]);
  if (value.is_null) return {};
  bool has_null = false;
  for (size_t i = 1; i < expr.args.size(); ++i) {
    const Datum other = Compute(expr.args[i]);
    if (other.is_null) {
      has_null = true;
    } else if (CompareTyped(expr.args[0].type, value, expr.args[i].type, other) == 0) {
      return Datum::OfBool(!expr.flag);
    }
  }
  return has_null ? Datum() : Datum::OfBool(expr.flag);
}

Datum NaiveRow::MatchElements(const Expr& expr) const {
  const Datum list = Compute(expr.args[0]);
  if (list.is_null) return {};
  const Type element = {.kind = expr.args[0].type.element};
  size_t num_found = 0;
  for (size_t i = 1; i < expr.args.size(); ++i) {
    const Datum& wanted = expr.args[i].literal;
    const bool is_found =
        std::any_of(list.elements.begin(), list.elements.end(), [&](const Datum& one) {
          return !one.is_null && !wanted.is_null &&
                 CompareTyped(element, one, expr.args[i].type, wanted) == 0;
        });
    num_found += is_found ? 1 : 0;
  }
  if (expr.op == Op::kOverlaps) return Datum::OfBool(num_found > 0);
  return Datum::OfBool(num_found == expr.args.size() - 1);
}

Datum NaiveRow::ListCompare(const Expr& expr) const {
  const Datum value = Compute(expr.args[0]);
  const Datum list = Compute(expr.args[1]);
  if (list.is_null) return {};
  const Type element = {.kind = expr.args[1].type.element};
  const bool decides = !expr.flag;
  bool has_null = false;
  for (const Datum& one : list.elements) {
    if (one.is_null || value.is_null) {
      has_null = true;
    } else if (Holds(expr.name, CompareTyped(expr.args[0].type, value, element, one)) == decides) {
      return Datum::OfBool(decides);
    }
  }
  return has_null ? Datum() : Datum::OfBool(!decides);
}

}  // namespace sextant::oracle
