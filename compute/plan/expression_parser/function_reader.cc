#include "compute/plan/expression_parser/function_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/expression_parser/aggregate_names.h"

namespace sextant {
namespace {

struct FunctionEntry {
  const char* name;       // as written
  const char* canonical;  // Expression::name
  size_t min_arguments;
  size_t max_arguments;
};
constexpr FunctionEntry kFunctions[] = {
    {"abs", "abs", 1, 1},
    {"array_length", "array_length", 2, 2},
    {"cardinality", "cardinality", 1, 1},
    {"ceil", "ceil", 1, 1},
    {"ceiling", "ceil", 1, 1},
    {"char_length", "length", 1, 1},
    {"character_length", "length", 1, 1},
    {"date_part", "extract", 2, 2},
    {"date_trunc", "date_trunc", 2, 2},
    {"floor", "floor", 1, 1},
    {"length", "length", 1, 1},
    {"lower", "lower", 1, 1},
    {"now", "now", 0, 0},
    {"round", "round", 1, 2},
    {"trunc", "trunc", 1, 2},
    {"upper", "upper", 1, 1},
};
/// Those that PostgreSQL's grammar knows by itself.
constexpr const char* kSyntaxFunctions[] = {
    "coalesce", "current_date", "current_timestamp", "extract", "greatest", "least", "nullif"};

const FunctionEntry* FindFunction(const std::string& name) {
  for (const FunctionEntry& entry : kFunctions) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

/// The name of a function that is called in the ordinary way without a schema, or "".
std::string PlainName(const SyntaxNode& node) {
  const std::vector<std::string> names = node.Names("funcname");
  return names.size() == 1 ? names[0] : "";
}

/// "extract" or "timezone" (AT TIME ZONE), written in SQL's own syntax, or "".
std::string SyntaxName(const SyntaxNode& node) {
  const std::vector<std::string> names = node.Names("funcname");
  if (names.size() != 2 || node.Text("funcformat") != "COERCE_SQL_SYNTAX") return "";
  return names[1] == "extract" || names[1] == "timezone" ? names[1] : "";
}

bool IsNullIf(const SyntaxNode& node) {
  return node.Is("A_Expr") && node.Text("kind") == "AEXPR_NULLIF";
}

Expression CallOf(const TreeReader& reader, const SyntaxNode& node, const char* name,
                  std::vector<Expression> arguments) {
  Expression call;
  call.kind = Expression::Kind::kCall;
  call.name = name;
  call.position = reader.source().PositionOf(node);
  call.arguments = std::move(arguments);
  return call;
}

absl::StatusOr<Expression> ReadPlainCall(TreeReader& reader, const SyntaxNode& node) {
  const std::string outside = node.FindFieldOutside({"funcname", "args", "funcformat", "location"});
  const std::string name = PlainName(node);
  if (!outside.empty()) {
    return reader.source().Refuse(
        node, absl::StrCat(name, "() with *, DISTINCT, FILTER, ORDER BY, OVER or VARIADIC"),
        "a function of values alone");
  }
  const FunctionEntry& entry = *FindFunction(name);
  const std::vector<SyntaxNode> nodes = node.Children("args");
  if (nodes.size() < entry.min_arguments || nodes.size() > entry.max_arguments) {
    const std::string allowed =
        entry.min_arguments == entry.max_arguments
            ? absl::StrCat(entry.min_arguments)
            : absl::StrCat(entry.min_arguments, " or ", entry.max_arguments);
    return reader.source().Refuse(node, absl::StrCat(name, "() of ", nodes.size(), " values"),
                                  absl::StrCat(name, "() of ", allowed));
  }
  SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> arguments, reader.ReadValues(nodes));
  Expression call = CallOf(reader, node, entry.canonical, std::move(arguments));
  // date_part() is extract() as float8.
  return name == "date_part" ? CastTo(std::move(call), "float8") : call;
}

absl::StatusOr<Expression> ReadSyntaxCall(TreeReader& reader, const SyntaxNode& node) {
  SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> arguments,
                           reader.ReadValues(node.Children("args")));
  if (SyntaxName(node) == "extract") return CallOf(reader, node, "extract", std::move(arguments));
  std::reverse(arguments.begin(), arguments.end());  // the zone comes first in PostgreSQL's tree
  return CallOf(reader, node, "at_time_zone", std::move(arguments));
}

absl::StatusOr<Expression> ReadSessionValue(TreeReader& reader, const SyntaxNode& node) {
  const std::string op = node.Text("op");
  if (op == "SVFOP_CURRENT_TIMESTAMP") return CallOf(reader, node, "now", {});
  if (op == "SVFOP_CURRENT_DATE") return CallOf(reader, node, "current_date", {});
  return reader.source().Refuse(node, SourceText::Describe(node),
                                "now(), current_timestamp, current_date");
}

std::vector<std::string> NamesOfFunctions() {
  std::vector<std::string> names;
  for (const FunctionEntry& entry : kFunctions) names.emplace_back(entry.name);
  for (const char* name : kSyntaxFunctions) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool IsFunction(const SyntaxNode& node) {
  if (node.Is("FuncCall")) {
    return FindFunction(PlainName(node)) != nullptr || !SyntaxName(node).empty();
  }
  return node.Is("CoalesceExpr") || node.Is("MinMaxExpr") || node.Is("SQLValueFunction") ||
         IsNullIf(node);
}

absl::StatusOr<Expression> ReadFunction(TreeReader& reader, const SyntaxNode& node) {
  if (node.Is("SQLValueFunction")) return ReadSessionValue(reader, node);
  if (node.Is("FuncCall")) {
    return SyntaxName(node).empty() ? ReadPlainCall(reader, node) : ReadSyntaxCall(reader, node);
  }
  const bool is_null_if = IsNullIf(node);
  const std::vector<SyntaxNode> nodes =
      is_null_if ? std::vector<SyntaxNode>{node.Child("lexpr"), node.Child("rexpr")}
                 : node.Children("args");
  SEXTANT_ASSIGN_OR_RETURN(std::vector<Expression> arguments, reader.ReadValues(nodes));
  const char* name = "nullif";
  if (node.Is("CoalesceExpr")) name = "coalesce";
  if (node.Is("MinMaxExpr")) name = node.Text("op") == "IS_GREATEST" ? "greatest" : "least";
  return CallOf(reader, node, name, std::move(arguments));
}

absl::Status RefuseFunction(const TreeReader& reader, const SyntaxNode& node) {
  const std::vector<std::string> names = node.Names("funcname");
  std::vector<std::string> allowed = NamesOfFunctions();
  if (reader.scope() == ReadScope::kMetric) {
    const std::vector<std::string> aggregates = NamesOfAggregates();
    allowed.insert(allowed.begin(), aggregates.begin(), aggregates.end());
  }
  return reader.source().RefuseName(node, SourceText::Describe(node),
                                    names.empty() ? "" : names.back(), allowed);
}

}  // namespace sextant
