#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/expression_scanner.h"
#include "compute/plan/expression_parser/syntax_tree.h"

namespace sextant {

/// Turns nodes of a parse tree into literals and values, by an allow-list. Shared by the readers of
/// filters and of aggregates; one object per text, used by one thread.
class ExpressionReader {
 public:
  /// `prefix_bytes` stand before the scanned text in the statement that was parsed.
  ExpressionReader(const ScannedExpression& scanned, std::string field, size_t prefix_bytes)
      : scanned_(scanned), field_(std::move(field)), prefix_bytes_(prefix_bytes) {}

  const std::string& field() const { return field_; }

  /// A column or a difference of two. Errors: INVALID_ARGUMENT for anything else.
  absl::StatusOr<Expression> ReadValue(const SyntaxNode& node) const;
  /// A constant, a cast of a constant or a typed constant.
  absl::StatusOr<Literal> ReadLiteral(const SyntaxNode& node) const;
  /// ARRAY[...] of literals, with an optional cast; at most kMaxTextListValues of them.
  absl::StatusOr<std::vector<Literal>> ReadArray(const SyntaxNode& node) const;
  /// The members of a list of expressions; at most kMaxTextListValues of them.
  absl::StatusOr<std::vector<Literal>> ReadLiterals(const std::vector<SyntaxNode>& nodes) const;

  /// True for what ReadLiteral may accept, whatever its details.
  static bool LooksLikeLiteral(const SyntaxNode& node);
  static bool LooksLikeArray(const SyntaxNode& node);

  /// INVALID_ARGUMENT "found FOUND; allowed: ALLOWED" at the node.
  absl::Status Refuse(const SyntaxNode& node, std::string_view found,
                      std::string_view allowed) const;
  /// What a node is in a user's words: "the function lower()", "a subquery", "the operator +".
  static std::string Describe(const SyntaxNode& node);

 private:
  absl::StatusOr<std::string> ReadColumn(const SyntaxNode& node) const;
  absl::StatusOr<Literal> ReadConstant(const SyntaxNode& node) const;
  absl::StatusOr<Literal> ReadCast(const SyntaxNode& node) const;
  /// "date", "int8", "timestamptz": the name of the type that a cast casts to.
  absl::StatusOr<std::string> ReadTypeName(const SyntaxNode& cast, bool is_array) const;
  absl::StatusOr<Literal> ReadNegation(const SyntaxNode& node) const;
  /// Offset in bytes in the caller's text of the node or of the first part that has one, or -1.
  int ByteOffsetOf(const SyntaxNode& node) const;
  /// The same in characters.
  int PositionOf(const SyntaxNode& node) const;

  const ScannedExpression& scanned_;
  std::string field_;
  size_t prefix_bytes_;
};

}  // namespace sextant
