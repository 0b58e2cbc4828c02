#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "compute/plan/expression_parser/expression_scanner.h"
#include "compute/plan/expression_parser/syntax_tree.h"

namespace sextant {

/// The text that a parse tree came from: positions of nodes, and errors that point at them.
/// Immutable; a view of `scanned`.
class SourceText {
 public:
  /// `prefix_bytes` stand before the scanned text in the statement that was parsed.
  SourceText(const ScannedExpression& scanned, std::string field, size_t prefix_bytes)
      : scanned_(scanned), field_(std::move(field)), prefix_bytes_(prefix_bytes) {}

  const std::string& field() const { return field_; }
  /// Offset in characters in the caller's text of the node or of its first part that has one, or
  /// -1.
  int PositionOf(const SyntaxNode& node) const;
  /// The integer constant that `node` is, with its sign.
  std::string IntegerOf(const SyntaxNode& node) const;

  /// INVALID_ARGUMENT "found FOUND; allowed: ALLOWED" at the node.
  absl::Status Refuse(const SyntaxNode& node, std::string_view found,
                      std::string_view allowed) const;
  /// The same, with the `names` that are near `wanted`.
  absl::Status RefuseName(const SyntaxNode& node, std::string_view found, std::string_view wanted,
                          std::span<const std::string> names) const;
  /// What a node is in a user's words: "the function lower()", "a subquery", "the operator +".
  static std::string Describe(const SyntaxNode& node);

 private:
  int ByteOffsetOf(const SyntaxNode& node) const;

  const ScannedExpression& scanned_;
  std::string field_;
  size_t prefix_bytes_;
};

}  // namespace sextant
