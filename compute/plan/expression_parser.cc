#include "compute/plan/expression_parser.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/plan/expression_parser/expression_reader.h"
#include "compute/plan/expression_parser/expression_scanner.h"
#include "compute/plan/expression_parser/filter_reader.h"
#include "compute/plan/expression_parser/syntax_tree.h"

namespace sextant {
namespace {

constexpr std::string_view kFilterPrefix = "SELECT 1 WHERE ";
constexpr std::string_view kTargetPrefix = "SELECT ";
constexpr std::string_view kAllowedAggregates =
    "count(*), count(x), count(DISTINCT x), sum(x), avg(x), min(x), max(x), where x is a column or "
    "the difference of two columns";

/// The one expression of "SELECT expression". Errors: none, several, or one with a name.
absl::StatusOr<SyntaxNode> OnlyTarget(const ExpressionReader& reader, const SyntaxTree& tree) {
  const std::vector<SyntaxNode> targets = tree.select().Children("targetList");
  if (targets.size() != 1) {
    return reader.Refuse(targets.empty() ? SyntaxNode() : targets[1],
                         absl::StrCat(targets.size(), " expressions"), "exactly one expression");
  }
  if (!targets[0].FindFieldOutside({"val", "location"}).empty()) {
    return reader.Refuse(targets[0], "an expression with a name", "the expression alone");
  }
  return targets[0].Child("val");
}

std::optional<AggregateKind> AggregateNamed(const std::string& name) {
  if (name == "count") return AggregateKind::kCount;
  if (name == "sum") return AggregateKind::kSum;
  if (name == "avg") return AggregateKind::kAvg;
  if (name == "min") return AggregateKind::kMin;
  if (name == "max") return AggregateKind::kMax;
  return std::nullopt;
}

absl::StatusOr<AggregateCall> ReadAggregate(const ExpressionReader& reader,
                                            const SyntaxNode& node) {
  const std::optional<AggregateKind> kind =
      node.Is("FuncCall") ? AggregateNamed(absl::StrJoin(node.Names("funcname"), "."))
                          : std::nullopt;
  if (!kind) return reader.Refuse(node, ExpressionReader::Describe(node), kAllowedAggregates);
  const std::string outside = node.FindFieldOutside(
      {"funcname", "args", "agg_star", "agg_distinct", "funcformat", "location"});
  if (!outside.empty()) {
    return reader.Refuse(node,
                         absl::StrCat(ExpressionReader::Describe(node),
                                      " with FILTER, ORDER BY, OVER, VARIADIC or WITHIN GROUP"),
                         kAllowedAggregates);
  }
  AggregateCall call;
  call.kind = *kind;
  const std::vector<SyntaxNode> arguments = node.Children("args");
  if (node.Flag("agg_star")) {
    if (*kind != AggregateKind::kCount) {
      return reader.Refuse(node, absl::StrCat(absl::StrJoin(node.Names("funcname"), "."), "(*)"),
                           kAllowedAggregates);
    }
    call.kind = AggregateKind::kCountRows;
    return call;
  }
  if (arguments.size() != 1) {
    return reader.Refuse(
        node, absl::StrCat(ExpressionReader::Describe(node), " of ", arguments.size(), " values"),
        kAllowedAggregates);
  }
  if (node.Flag("agg_distinct")) {
    if (*kind != AggregateKind::kCount) {
      return reader.Refuse(node, absl::StrCat("DISTINCT in ", ExpressionReader::Describe(node)),
                           kAllowedAggregates);
    }
    call.kind = AggregateKind::kCountDistinct;
  }
  absl::StatusOr<Expression> value = reader.ReadValue(arguments[0]);
  if (!value.ok()) return value.status();
  call.arguments.push_back(*std::move(value));
  return call;
}

}  // namespace

absl::StatusOr<Predicate> ParseFilter(std::string_view text, const std::string& field) {
  const absl::StatusOr<ScannedExpression> scanned = ScanExpression(text, field);
  if (!scanned.ok()) return scanned.status();
  const absl::StatusOr<SyntaxTree> tree = SyntaxTree::Parse(kFilterPrefix, *scanned, field);
  if (!tree.ok()) return tree.status();
  const ExpressionReader reader(*scanned, field, kFilterPrefix.size());
  return ReadFilter(reader, tree->select().Child("whereClause"));
}

absl::StatusOr<Expression> ParseMetric(std::string_view text, const std::string& field) {
  const absl::StatusOr<ScannedExpression> scanned = ScanExpression(text, field);
  if (!scanned.ok()) return scanned.status();
  const absl::StatusOr<SyntaxTree> tree = SyntaxTree::Parse(kTargetPrefix, *scanned, field);
  if (!tree.ok()) return tree.status();
  const ExpressionReader reader(*scanned, field, kTargetPrefix.size());
  const absl::StatusOr<SyntaxNode> target = OnlyTarget(reader, *tree);
  if (!target.ok()) return target.status();
  absl::StatusOr<AggregateCall> call = ReadAggregate(reader, *target);
  if (!call.ok()) return call.status();
  Expression metric;
  metric.kind = Expression::Kind::kAggregate;
  metric.position = call->position;
  metric.aggregates.push_back(*std::move(call));
  return metric;
}

absl::StatusOr<Expression> ParseValue(std::string_view text, const std::string& field) {
  const absl::StatusOr<ScannedExpression> scanned = ScanExpression(text, field);
  if (!scanned.ok()) return scanned.status();
  const absl::StatusOr<SyntaxTree> tree = SyntaxTree::Parse(kTargetPrefix, *scanned, field);
  if (!tree.ok()) return tree.status();
  const ExpressionReader reader(*scanned, field, kTargetPrefix.size());
  const absl::StatusOr<SyntaxNode> target = OnlyTarget(reader, *tree);
  if (!target.ok()) return target.status();
  return reader.ReadValue(*target);
}

}  // namespace sextant
