#include "compute/plan/expression_parser.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/expression_parser/aggregate_names.h"
#include "compute/plan/expression_parser/expression_scanner.h"
#include "compute/plan/expression_parser/plain_metric.h"
#include "compute/plan/expression_parser/source_text.h"
#include "compute/plan/expression_parser/syntax_tree.h"
#include "compute/plan/expression_parser/tree_reader.h"

namespace sextant {
namespace {

constexpr std::string_view kFilterPrefix = "SELECT 1 WHERE ";
constexpr std::string_view kTargetPrefix = "SELECT ";

/// The one expression of "SELECT expression". Errors: none, several, or one with a name.
absl::StatusOr<SyntaxNode> OnlyTarget(const SourceText& source, const SyntaxTree& tree) {
  const std::vector<SyntaxNode> targets = tree.select().Children("targetList");
  if (targets.size() != 1) {
    return source.Refuse(targets.empty() ? SyntaxNode() : targets[1],
                         absl::StrCat(targets.size(), " expressions"), "exactly one expression");
  }
  if (!targets[0].FindFieldOutside({"val", "location"}).empty()) {
    return source.Refuse(targets[0], "an expression with a name", "the expression alone");
  }
  return targets[0].Child("val");
}

/// Reads the one expression that `text` is, in `scope`.
absl::StatusOr<Expression> ReadTarget(std::string_view text, const std::string& field,
                                      ReadScope scope) {
  if (scope == ReadScope::kMetric) {
    if (std::optional<Expression> plain = ReadPlainMetric(text, field)) return *std::move(plain);
  }
  SEXTANT_ASSIGN_OR_RETURN(const ScannedExpression scanned, ScanExpression(text, field));
  SEXTANT_ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(kTargetPrefix, scanned, field));
  const SourceText source(scanned, field, kTargetPrefix.size());
  SEXTANT_ASSIGN_OR_RETURN(const SyntaxNode target, OnlyTarget(source, tree));
  TreeReader reader(source, scope);
  SEXTANT_ASSIGN_OR_RETURN(Expression expression, reader.ReadValue(target));
  if (scope == ReadScope::kMetric && reader.num_aggregates() == 0) {
    return source.Refuse(target, "no aggregate", AllowedAggregates());
  }
  return expression;
}

}  // namespace

absl::StatusOr<Predicate> ParseFilter(std::string_view text, const std::string& field) {
  SEXTANT_ASSIGN_OR_RETURN(const ScannedExpression scanned, ScanExpression(text, field));
  SEXTANT_ASSIGN_OR_RETURN(const SyntaxTree tree, SyntaxTree::Parse(kFilterPrefix, scanned, field));
  const SourceText source(scanned, field, kFilterPrefix.size());
  return TreeReader(source, ReadScope::kRow).ReadCondition(tree.select().Child("whereClause"));
}

absl::StatusOr<Expression> ParseMetric(std::string_view text, const std::string& field) {
  return ReadTarget(text, field, ReadScope::kMetric);
}

absl::StatusOr<Expression> ParseValue(std::string_view text, const std::string& field) {
  return ReadTarget(text, field, ReadScope::kRow);
}

}  // namespace sextant
