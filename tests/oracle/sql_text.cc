#include "tests/oracle/sql_text.h"

#include <cctype>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/oracle/linked_cases.h"

namespace sextant::oracle {

std::string QuoteText(const std::string& text) {
  return "'" + absl::StrReplaceAll(text, {{"'", "''"}}) + "'";
}

std::string QuoteName(const std::string& name) {
  return "\"" + absl::StrReplaceAll(name, {{"\"", "\"\""}}) + "\"";
}

std::vector<std::string> EnumLabels() { return {"zulu", "alpha", "Mike", "beta"}; }

std::string ExpressionWriter::WriteColumn(int index) const {
  const Column& column = table_.columns[static_cast<size_t>(index)];
  if (!for_sql()) {
    bool is_plain = true;
    if (column.is_linked) return column.name;  // link.column
    for (const char c : column.name) {
      is_plain = is_plain && (c == '_' || (c >= 'a' && c <= 'z') || std::isdigit(c) != 0);
    }
    return is_plain ? column.name : QuoteName(column.name);
  }
  const std::string name = QuoteName(column.name);
  if (column.type.kind == Kind::kTimestamp) {
    return absl::StrCat("(", name, " AT TIME ZONE ", QuoteText(column.zone), ")");
  }
  // Rule 7.
  return IsText(column.type.kind) ? absl::StrCat("(", name, " COLLATE \"C\")") : name;
}

std::string ExpressionWriter::Join(const std::vector<Expr>& args, size_t first,
                                   const std::string& between) const {
  std::vector<std::string> parts;
  for (size_t i = first; i < args.size(); ++i) parts.push_back(Write(args[i]));
  return absl::StrJoin(parts, between);
}

std::string ExpressionWriter::Array(const Expr& expr) const {
  const Kind element = expr.args[0].type.element;
  const bool needs_cast = for_sql() || expr.args.size() == 1 || element != Kind::kText;
  return absl::StrCat("ARRAY[", Join(expr.args, 1, ", "), "]",
                      needs_cast ? "::" + KindName(element) + "[]" : "");
}

std::string ExpressionWriter::Write(const Expr& expr) const {
  if (IsCondition(expr)) return WriteCondition(expr);
  switch (expr.op) {
    case Op::kColumn:
      return WriteColumn(expr.column);
    case Op::kLiteral:
      return for_sql() && !expr.name.empty() ? expr.name : expr.text;
    case Op::kCase:
      return WriteCase(expr);
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kDivide:
    case Op::kModulo:
    case Op::kNegate:
    case Op::kAbs:
      return WriteArithmetic(expr);
    default:
      return WriteCall(expr);
  }
}

std::string ExpressionWriter::WriteCondition(const Expr& expr) const {
  const auto arg = [&](size_t i) { return Write(expr.args[i]); };
  switch (expr.op) {
    case Op::kCompare:
      return absl::StrCat("(", arg(0), " ", expr.name, " ", arg(1), ")");
    case Op::kDistinct:
      return absl::StrCat("(", arg(0), " IS ", expr.flag ? "NOT " : "", "DISTINCT FROM ", arg(1),
                          ")");
    case Op::kIn:
      return absl::StrCat("(", arg(0), expr.flag ? " NOT IN (" : " IN (", Join(expr.args, 1, ", "),
                          "))");
    case Op::kBetween:
      return absl::StrCat("(", arg(0), expr.flag ? " NOT" : "", " BETWEEN ", arg(1), " AND ",
                          arg(2), ")");
    case Op::kIsNull:
      return absl::StrCat("(", arg(0), expr.flag ? " IS NOT NULL)" : " IS NULL)");
    case Op::kIsTrue:
      return absl::StrCat("(", arg(0), expr.flag ? " IS NOT TRUE)" : " IS TRUE)");
    case Op::kIsFalse:
      return absl::StrCat("(", arg(0), expr.flag ? " IS NOT FALSE)" : " IS FALSE)");
    case Op::kLike:
    case Op::kRegex:
      if (for_sql() && expr.flag) {
        return absl::StrCat("(", arg(0), " COLLATE \"C.utf8\" ", OperatorName(expr), " ", arg(1),
                            ")");
      }
      return absl::StrCat("(", arg(0), " ", OperatorName(expr), " ", arg(1), ")");
    case Op::kOverlaps:
      return absl::StrCat("(", arg(0), " && ", Array(expr), ")");
    case Op::kContains:
      return absl::StrCat("(", arg(0), " @> ", Array(expr), ")");
    case Op::kListCompare: {
      const bool is_text = for_sql() && expr.args[1].type.element == Kind::kText;
      return absl::StrCat("(", arg(0), is_text ? " COLLATE \"C\" " : " ", expr.name,
                          expr.flag ? " ALL (" : " ANY (", arg(1), "))");
    }
    case Op::kAnd:
      return "(" + Join(expr.args, 0, " AND ") + ")";
    case Op::kOr:
      return "(" + Join(expr.args, 0, " OR ") + ")";
    case Op::kExists:
      return WriteExists(expr);
    default:
      return "(NOT " + arg(0) + ")";
  }
}

std::string ExpressionWriter::WriteExists(const Expr& expr) const {
  const LinkCase& link = table_.links[static_cast<size_t>(expr.column)];
  const std::string condition =
      expr.args.empty() ? "" : ExpressionWriter(reader_, *link.target).Write(expr.args[0]);
  if (!for_sql()) {
    return absl::StrCat(expr.name, "(", link.name, condition.empty() ? "" : ", ", condition, ")");
  }
  return absl::StrCat("(", expr.name == "none_in" ? "NOT " : "", "EXISTS (SELECT FROM ",
                      link.target->name, " WHERE ", LinkSql(link, table_, ""),
                      condition.empty() ? "" : " AND ", condition, "))");
}

std::string ExpressionWriter::WriteArithmetic(const Expr& expr) const {
  static constexpr const char* kNames[] = {"+", "-", "*", "/", "%", "-", "abs"};
  static constexpr const char* kFunctions[] = {"add", "sub", "mul", "div", "mod", "neg", "abs"};
  const size_t index = static_cast<size_t>(expr.op) - static_cast<size_t>(Op::kAdd);
  if (!for_sql() && !expr.name.empty()) return QuoteName(expr.name);
  const bool is_time = !IsNumber(expr.args[0].type.kind) || !IsNumber(expr.type.kind);
  if (!for_sql() || is_time) {
    if (expr.op == Op::kAbs) return absl::StrCat("abs(", Write(expr.args[0]), ")");
    if (expr.op == Op::kNegate) return absl::StrCat("(- ", Write(expr.args[0]), ")");
    return "(" + Join(expr.args, 0, absl::StrCat(" ", kNames[index], " ")) + ")";
  }
  // Rule 5: functions whose overflow and division by zero are NULL.
  const std::string cast = IsFloat(expr.type.kind)
                               ? "::float8"
                               : (expr.type.kind == Kind::kNumeric ? "::numeric" : "::int8");
  std::vector<std::string> args;
  for (const Expr& arg : expr.args) args.push_back(absl::StrCat("(", Write(arg), ")", cast));
  return absl::StrCat("oracle_", kFunctions[index], "(", absl::StrJoin(args, ", "), ")");
}

std::string ExpressionWriter::WriteCase(const Expr& expr) const {
  std::string text = "CASE";
  for (size_t i = 0; i + 1 < expr.args.size(); i += 2) {
    absl::StrAppend(&text, " WHEN ", Write(expr.args[i]), " THEN ", Write(expr.args[i + 1]));
  }
  if (expr.args.size() % 2 == 1) absl::StrAppend(&text, " ELSE ", Write(expr.args.back()));
  // Of constants alone, it would have the collation of the database.
  const bool is_text = for_sql() && IsText(expr.type.kind);
  return absl::StrCat("(", text, " END", is_text ? " COLLATE \"C\")" : ")");
}

std::string ExpressionWriter::WriteCall(const Expr& expr) const {
  const std::string args = Join(expr.args, 0, ", ");
  switch (expr.op) {
    case Op::kCast: {
      const std::string type = SqlTypeName(expr.type, kEnumType);
      if (for_sql())
        return absl::StrCat("oracle_", KindName(expr.type.kind), "((", args, "))::", type);
      return absl::StrCat("(", args, ")::", type);
    }
    case Op::kLower:
    case Op::kUpper:
      if (!for_sql()) break;
      return absl::StrCat("(", OperatorName(expr), "((", args,
                          ") COLLATE \"C.utf8\") COLLATE \"C\")");
    case Op::kExtract:
      return absl::StrCat("extract(", expr.name, " FROM ", args, ")");
    case Op::kDateTrunc:
      return absl::StrCat("date_trunc('", expr.name, "', ", args, ")");
    case Op::kArrayLength:
      return absl::StrCat("array_length(", args, ", 1)");
    default:
      break;
  }
  return absl::StrCat(OperatorName(expr), "(", args, ")");
}

std::string CanonicalSql(const Type& type, const std::string& sql) {
  switch (type.kind) {
    case Kind::kFloat4:
    case Kind::kFloat8:
      // -0 and 0 are one (rule 8).
      return absl::StrCat("(CASE WHEN ", sql, " = 0 THEN '0' ELSE (", sql, ")::float8::text END)");
    case Kind::kNumeric:
      return absl::StrCat("round(", sql, ", ", type.scale, ")::text");
    case Kind::kBytea:
      return absl::StrCat("encode(", sql, ", 'hex')");
    case Kind::kDate:
      return absl::StrCat("(", sql, " - date '1970-01-01')::text");
    case Kind::kTimestamptz:
    case Kind::kTimestamp:
      return absl::StrCat("trunc(extract(epoch FROM ", sql, ") * 1000000)::text");
    case Kind::kDuration:
      return absl::StrCat("extract(epoch FROM ", sql, ")::float8::text");
    case Kind::kInterval:
      return absl::StrCat("oracle_interval_key(", sql, ")::text");
    case Kind::kList:
      return absl::StrCat("CASE WHEN ", sql,
                          " IS NOT NULL THEN (SELECT '{' || coalesce(string_agg(", "coalesce(",
                          CanonicalSql({.kind = type.element}, "u"),
                          ", 'NULL'), ',' ORDER BY o), '') || '}' FROM unnest(", sql,
                          ") WITH ORDINALITY AS list(u, o)) END");
    default:
      return absl::StrCat("(", sql, ")::text");
  }
}

std::string WithFloatTexts(const Type& type, const std::string& text) {
  if (type.kind != Kind::kList || !IsFloat(type.element)) return text;
  std::vector<std::string> texts;
  for (const std::string& element : std::vector<std::string>(
           absl::StrSplit(text.substr(1, text.size() - 2), ',', absl::SkipEmpty()))) {
    texts.push_back(element == "NULL" ? element : FloatText(std::strtod(element.c_str(), nullptr)));
  }
  return absl::StrCat("{", absl::StrJoin(texts, ","), "}");
}

}  // namespace sextant::oracle
