#include <algorithm>
#include <optional>
#include <utility>

#include "tests/oracle/product_request.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

std::string Unquoted(const std::string& quoted) {
  std::string text;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    text.push_back(quoted[i]);
    if (quoted[i] == '\'') ++i;
  }
  return text;
}

/// A literal from its text: 5, 1.5, 'a', date '2024-01-01', 'NaN'::float8, true, NULL.
Literal TypedLiteral(const std::string& text) {
  Literal literal;
  literal.text = text;
  if (text == "NULL") {
    literal.kind = Literal::Kind::kNull;
    literal.text = "";
  } else if (text == "true" || text == "false") {
    literal.kind = Literal::Kind::kBool;
  } else if (text.ends_with("::float8")) {
    literal.kind = Literal::Kind::kTyped;
    literal.type_name = "float8";
    literal.text = Unquoted(text.substr(0, text.size() - 8));
  } else if (text[0] == '\'') {
    literal.kind = Literal::Kind::kString;
    literal.text = Unquoted(text);
  } else if (text.find('\'') != std::string::npos) {
    literal.kind = Literal::Kind::kTyped;
    literal.type_name = text.substr(0, text.find(' '));
    literal.text = Unquoted(text.substr(text.find('\'')));
  } else {
    const bool is_integer = text.find_first_of(".eE") == std::string::npos;
    literal.kind = is_integer ? Literal::Kind::kInteger : Literal::Kind::kDecimal;
  }
  return literal;
}

class TypedFilterWriter {
 public:
  explicit TypedFilterWriter(const TableCase& table) : table_(table) {}

  std::optional<Predicate> Write(const Expr& expr) const {
    const bool has_now = std::any_of(expr.args.begin(), expr.args.end(), [](const Expr& arg) {
      return arg.op == Op::kLiteral && !arg.name.empty();
    });
    if (has_now) return std::nullopt;
    switch (expr.op) {
      case Op::kAnd:
        return Tree(Predicate::Kind::kAnd, expr);
      case Op::kOr:
        return Tree(Predicate::Kind::kOr, expr);
      case Op::kNot:
        return Tree(Predicate::Kind::kNot, expr);
      case Op::kColumn:
        return Leaf(Predicate::Kind::kBoolean, expr);
      case Op::kIsNull:
        return Negated(Leaf(Predicate::Kind::kIsNull, expr.args[0]), expr.flag);
      case Op::kIsTrue:
        return Negated(Leaf(Predicate::Kind::kIsTrue, expr.args[0]), expr.flag);
      case Op::kIsFalse:
        return Negated(Leaf(Predicate::Kind::kIsFalse, expr.args[0]), expr.flag);
      case Op::kIn:
        return Negated(WithLiterals(Predicate::Kind::kIn, expr), expr.flag);
      case Op::kCompare:
        return Compare(expr);
      case Op::kBetween:
        return Negated(Range(expr), expr.flag);
      case Op::kOverlaps:
      case Op::kContains: {
        std::optional<Predicate> leaf = WithLiterals(Predicate::Kind::kList, expr);
        if (leaf)
          leaf->list_match = expr.op == Op::kOverlaps ? ListMatch::kAnyOf : ListMatch::kAllOf;
        return leaf;
      }
      case Op::kExists:
        return Exists(expr);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<Predicate> Exists(const Expr& expr) const {
    const LinkCase& link = table_.links[static_cast<size_t>(expr.column)];
    Predicate exists;
    exists.kind = Predicate::Kind::kExists;
    exists.link = link.name;
    if (!expr.args.empty()) {
      std::optional<Predicate> condition = TypedFilterWriter(*link.target).Write(expr.args[0]);
      if (!condition) return std::nullopt;
      exists.children.push_back(*std::move(condition));
    }
    return Negated(std::move(exists), expr.name == "none_in");
  }

  std::optional<Predicate> Tree(Predicate::Kind kind, const Expr& expr) const {
    Predicate tree;
    tree.kind = kind;
    for (const Expr& arg : expr.args) {
      std::optional<Predicate> child = Write(arg);
      if (!child) return std::nullopt;
      tree.children.push_back(*std::move(child));
    }
    return tree;
  }

  static std::optional<Predicate> Negated(std::optional<Predicate> leaf, bool is_negated) {
    if (!leaf || !is_negated) return leaf;
    Predicate negation;
    negation.kind = Predicate::Kind::kNot;
    negation.children.push_back(*std::move(leaf));
    return negation;
  }

  std::optional<Expression> Value(const Expr& expr) const {
    const auto column = [&](const Expr& of) {
      return Expression::Column(table_.columns[static_cast<size_t>(of.column)].name);
    };
    if (expr.op == Op::kColumn) return column(expr);
    if (expr.op == Op::kSubtract && !expr.name.empty()) return Expression::Column(expr.name);
    const bool is_difference = expr.op == Op::kSubtract && expr.args[0].op == Op::kColumn &&
                               expr.args[1].op == Op::kColumn;
    if (!is_difference) return std::nullopt;
    return Expression::Difference(column(expr.args[0]), column(expr.args[1]));
  }

  std::optional<Predicate> Leaf(Predicate::Kind kind, const Expr& value) const {
    std::optional<Expression> expression = Value(value);
    if (!expression) return std::nullopt;
    Predicate leaf;
    leaf.kind = kind;
    leaf.value = *std::move(expression);
    return leaf;
  }

  std::optional<Predicate> WithLiterals(Predicate::Kind kind, const Expr& expr) const {
    std::optional<Predicate> leaf = Leaf(kind, expr.args[0]);
    for (size_t i = 1; leaf && i < expr.args.size(); ++i) {
      if (expr.args[i].op != Op::kLiteral) return std::nullopt;
      leaf->literals.push_back(TypedLiteral(expr.args[i].text));
    }
    return leaf;
  }

  std::optional<Predicate> Compare(const Expr& expr) const {
    std::optional<Predicate> leaf = WithLiterals(Predicate::Kind::kCompare, expr);
    if (!leaf) return leaf;
    const std::string& op = expr.name;
    leaf->op = op == "="    ? CompareOp::kEqual
               : op == "<>" ? CompareOp::kNotEqual
               : op == "<"  ? CompareOp::kLess
               : op == "<=" ? CompareOp::kLessOrEqual
               : op == ">"  ? CompareOp::kGreater
                            : CompareOp::kGreaterOrEqual;
    return leaf;
  }

  std::optional<Predicate> Range(const Expr& expr) const {
    std::optional<Predicate> leaf = WithLiterals(Predicate::Kind::kRange, expr);
    if (!leaf) return leaf;
    leaf->lower = leaf->literals[0];
    leaf->upper = leaf->literals[1];
    leaf->literals.clear();
    return leaf;
  }

  const TableCase& table_;
};

}  // namespace

std::optional<Predicate> TypedFilter(const TableCase& table, const Expr& condition) {
  return TypedFilterWriter(table).Write(condition);
}

}  // namespace sextant::oracle
