#include "tests/compute/plan/expression_parser/written_form.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

constexpr const char* kOps[] = {"=", "<>", "<", "<=", ">", ">="};

template <typename T>
std::string Listed(const std::vector<T>& items, const char* separator) {
  return absl::StrJoin(items, separator, [](std::string* out, const T& item) {
    absl::StrAppend(out, WrittenForm(item));
  });
}

std::string WrittenForm(const AggregateCall& call) {
  constexpr const char* kNames[] = {"count(*)",
                                    "count",
                                    "count distinct",
                                    "sum",
                                    "avg",
                                    "min",
                                    "max",
                                    "stddev_samp",
                                    "stddev_pop",
                                    "var_samp",
                                    "var_pop",
                                    "percentile_cont",
                                    "percentile_disc",
                                    "nearest rank",
                                    "rank bound",
                                    "resampled mean",
                                    "histogram counts",
                                    "histogram edges",
                                    "mode",
                                    "bool_or",
                                    "bool_and",
                                    "concurrency max",
                                    "concurrency mean",
                                    "corr",
                                    "regr_slope",
                                    "regr_r2",
                                    "top"};
  std::string form = kNames[static_cast<int>(call.kind)];
  if (call.kind == AggregateKind::kPercentileCont || call.kind == AggregateKind::kPercentileDisc) {
    absl::StrAppend(&form, " ", call.fraction);
  }
  for (const Expression& argument : call.arguments)
    absl::StrAppend(&form, " ", WrittenForm(argument));
  for (const Expression& key : call.order_by) {
    absl::StrAppend(&form, " by ", WrittenForm(key), call.descending ? " desc " : " ", call.first,
                    call.is_list ? absl::StrCat(":", call.last) : "");
  }
  for (const Predicate& filter : call.filter) {
    absl::StrAppend(&form, " where ", WrittenForm(filter));
  }
  return absl::StrCat("{", form, "}");
}

std::string Right(const Predicate& predicate) {
  return predicate.literals.empty() ? Listed(predicate.other, " ")
                                    : Listed(predicate.literals, " ");
}

std::string ListForm(const Predicate& predicate, const std::string& value) {
  constexpr const char* kMatches[] = {"&&", "@>", "none", "any"};
  return absl::StrCat(value, " ", kMatches[static_cast<int>(predicate.list_match)], " [",
                      Listed(predicate.literals, " "), "]");
}

std::string RangeForm(const Predicate& predicate, const std::string& value) {
  return absl::StrCat(WrittenForm(*predicate.lower), predicate.lower_inclusive ? " <= " : " < ",
                      value, predicate.upper_inclusive ? " <= " : " < ",
                      WrittenForm(*predicate.upper));
}

std::string PatternForm(const Predicate& predicate, const std::string& value) {
  const bool is_like = predicate.kind == Predicate::Kind::kLike;
  return absl::StrCat(value, is_like ? " like" : " ~", predicate.case_insensitive ? "* " : " ",
                      WrittenForm(predicate.literals[0]),
                      predicate.escape == "\\" ? "" : absl::StrCat(" escape ", predicate.escape));
}

std::string CaseForm(const Expression& expression) {
  std::string form = "case";
  for (size_t i = 0; i < expression.arguments.size(); ++i) {
    if (i < expression.conditions.size()) {
      absl::StrAppend(&form, " when ", WrittenForm(expression.conditions[i]), " then ");
    } else {
      absl::StrAppend(&form, " else ");
    }
    absl::StrAppend(&form, WrittenForm(expression.arguments[i]));
  }
  return absl::StrCat(form, " end");
}

}  // namespace

std::string WrittenForm(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kNull:
      return "NULL";
    case Literal::Kind::kString:
      return absl::StrCat("'", literal.text, "'");
    case Literal::Kind::kTyped:
      return absl::StrCat(literal.type_name, "'", literal.text, "'");
    case Literal::Kind::kDecimal:
      return absl::StrCat(literal.text, "d");
    default:
      return literal.text;
  }
}

std::string WrittenForm(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kColumn:
      return expression.name;
    case Expression::Kind::kLiteral:
      return WrittenForm(expression.literal);
    case Expression::Kind::kCast:
      return absl::StrCat(WrittenForm(expression.arguments[0]), "::", expression.name);
    case Expression::Kind::kCase:
      return CaseForm(expression);
    case Expression::Kind::kCondition:
      return absl::StrCat("<", WrittenForm(expression.conditions[0]), ">");
    case Expression::Kind::kAggregate:
      return WrittenForm(expression.aggregates[0]);
    case Expression::Kind::kCall:
      break;
  }
  const bool is_operator = std::string_view("+-*/%").find(expression.name) != std::string::npos;
  if (is_operator && expression.arguments.size() == 2) {
    return absl::StrCat(
        "(", Listed(expression.arguments, absl::StrCat(" ", expression.name, " ").c_str()), ")");
  }
  return absl::StrCat(expression.name, "(", Listed(expression.arguments, ", "), ")");
}

std::string WrittenForm(const Predicate& predicate) {
  const std::string value = WrittenForm(predicate.value);
  const std::string children = absl::StrCat("(", Listed(predicate.children, ", "), ")");
  const std::string op = kOps[static_cast<int>(predicate.op)];
  switch (predicate.kind) {
    case Predicate::Kind::kAnd:
      return "and" + children;
    case Predicate::Kind::kOr:
      return "or" + children;
    case Predicate::Kind::kNot:
      return "not" + children;
    case Predicate::Kind::kCompare:
      return absl::StrCat(value, " ", op, " ", Right(predicate));
    case Predicate::Kind::kDistinct:
      return absl::StrCat(value, " distinct ", Right(predicate));
    case Predicate::Kind::kIn:
      return absl::StrCat(value, " in [", Listed(predicate.literals, " "), "]");
    case Predicate::Kind::kRange:
      return RangeForm(predicate, value);
    case Predicate::Kind::kIsNull:
      return absl::StrCat(value, " is null");
    case Predicate::Kind::kIsTrue:
      return absl::StrCat(value, " is true");
    case Predicate::Kind::kIsFalse:
      return absl::StrCat(value, " is false");
    case Predicate::Kind::kBoolean:
      return value;
    case Predicate::Kind::kLike:
    case Predicate::Kind::kRegex:
      return PatternForm(predicate, value);
    case Predicate::Kind::kList:
      return ListForm(predicate, value);
    case Predicate::Kind::kListCompare:
      return absl::StrCat(Right(predicate), " ", op, predicate.list_all ? " all " : " any ", value);
    case Predicate::Kind::kExists:
      return absl::StrCat("exists in ", predicate.link, children);
  }
  return "";
}

std::string FilterForm(std::string_view text) {
  const auto read = ParseFilter(text, "where");
  return read.ok() ? WrittenForm(*read) : std::string(read.status().message());
}

std::string ValueForm(std::string_view text) {
  const auto read = ParseValue(text, "derived");
  return read.ok() ? WrittenForm(*read) : std::string(read.status().message());
}

std::string MetricForm(std::string_view text) {
  const auto read = ParseMetric(text, "metrics[0].expression");
  return read.ok() ? WrittenForm(*read) : std::string(read.status().message());
}

std::string Repeated(std::string_view part, size_t bytes) {
  std::string text;
  while (text.size() + part.size() <= bytes) text += part;
  return text;
}

int PositionOfFilterError(std::string_view text) {
  const auto predicate = ParseFilter(text, "where");
  EXPECT_EQ(predicate.status().code(), absl::StatusCode::kInvalidArgument) << text;
  const auto detail = DetailOf(predicate.status());
  EXPECT_TRUE(detail.has_value() && detail->field == "where") << text;
  return detail ? detail->position : -2;
}

}  // namespace sextant
