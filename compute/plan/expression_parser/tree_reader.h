#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/expression.h"
#include "compute/plan/expression_parser/source_text.h"

namespace sextant {

/// What may stand where a name or an aggregate is read.
enum class ReadScope {
  kRow,              // columns; no aggregates
  kMetric,           // aggregates; columns inside of them only
  kInsideAggregate,  // columns; no aggregates
};

/// Turns a parse tree into an Expression or a Predicate, by an allow-list of node kinds, operators
/// and functions. Recursion and size of what it makes are bounded. One object per text, used by one
/// thread. Errors: INVALID_ARGUMENT with position, what was found and what is allowed.
class TreeReader {
 public:
  TreeReader(const SourceText& source, ReadScope scope) : source_(source), scope_(scope) {}

  absl::StatusOr<Expression> ReadValue(const SyntaxNode& node);
  absl::StatusOr<Predicate> ReadCondition(const SyntaxNode& node);
  /// Each of `nodes`; at most kMaxTextListValues of them.
  absl::StatusOr<std::vector<Expression>> ReadValues(const std::vector<SyntaxNode>& nodes);

  /// left op right, with the constant, if one side is one, on the right.
  Predicate Compare(CompareOp op, Expression left, Expression right) const;
  Predicate Negate(Predicate predicate) const;
  /// A condition of `kind` that knows its field.
  Predicate Make(Predicate::Kind kind) const;

  /// A copy, where IN, BETWEEN and CASE are written out. Errors: too many of them in all.
  absl::StatusOr<Expression> Copy(const Expression& expression, const SyntaxNode& node);

  const SourceText& source() const { return source_; }
  ReadScope scope() const { return scope_; }
  size_t num_aggregates() const { return num_aggregates_; }
  void CountAggregate() { ++num_aggregates_; }

  /// Reads in another scope until it is destroyed.
  class ScopeChange {
   public:
    ScopeChange(TreeReader& reader, ReadScope scope) : reader_(reader), previous_(reader.scope_) {
      reader_.scope_ = scope;
    }
    ScopeChange(const ScopeChange&) = delete;
    ScopeChange& operator=(const ScopeChange&) = delete;
    ~ScopeChange() { reader_.scope_ = previous_; }

   private:
    TreeReader& reader_;
    ReadScope previous_;
  };

 private:
  absl::StatusOr<Expression> DispatchValue(const SyntaxNode& node);
  absl::StatusOr<Expression> ReadColumn(const SyntaxNode& node) const;
  absl::StatusOr<Expression> ReadConditionAsValue(const SyntaxNode& node);
  absl::StatusOr<Expression> ReadCast(const SyntaxNode& node);
  absl::StatusOr<Expression> ReadArithmetic(const SyntaxNode& node);
  absl::StatusOr<Expression> ReadSign(const SyntaxNode& node, std::string_view sign);
  absl::StatusOr<Expression> ReadCase(const SyntaxNode& node);

  const SourceText& source_;
  ReadScope scope_;
  int value_depth_ = 0;
  int condition_depth_ = 0;
  size_t num_copied_ = 0;
  size_t num_aggregates_ = 0;
};

/// True for + - * / % between values and for a sign before one.
bool IsArithmetic(const SyntaxNode& node);

/// =, <>, <, <=, >, >=.
std::optional<CompareOp> CompareOpNamed(std::string_view name);

/// `expression`::type, as a literal where it is one.
Expression CastTo(Expression expression, const std::string& type_name,
                  const std::string& modifiers = "");

}  // namespace sextant
