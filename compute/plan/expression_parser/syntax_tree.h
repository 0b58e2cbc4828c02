#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/plan/expression_parser/expression_scanner.h"

namespace sextant {

/// A node of PostgreSQL's raw parse tree: a name ("A_Expr") and its fields. Absent fields read as
/// empty, so that a walker asks for what it allows and refuses the rest.
/// A view: valid while the tree is.
class SyntaxNode {
 public:
  /// The absent node.
  SyntaxNode() = default;
  /// `wrapped` is {"NAME": {fields}}.
  explicit SyntaxNode(const nlohmann::json* wrapped);

  bool exists() const { return fields_ != nullptr; }
  const std::string& kind() const { return kind_; }
  bool Is(std::string_view kind) const { return kind_ == kind; }

  bool Has(const char* field) const;
  SyntaxNode Child(const char* field) const;
  /// A field that is an object without a name of its own, such as TypeCast's "typeName".
  SyntaxNode Part(const char* field) const;
  std::vector<SyntaxNode> Children(const char* field) const;
  std::string Text(const char* field) const;
  int64_t Number(const char* field) const;
  bool Flag(const char* field) const;
  /// The texts of a list of String nodes, such as an operator's or a type's name.
  std::vector<std::string> Names(const char* field) const;
  /// A field that is a plain object, such as A_Const's "sval": {"sval": text}.
  std::string InnerText(const char* field) const;
  /// The same of a number: absent for 0 and, in libpg_query 15, for negative ones.
  std::optional<int64_t> InnerNumber(const char* field) const;
  /// The first field whose name is not among `allowed`, or "".
  std::string FindFieldOutside(const std::vector<std::string_view>& allowed) const;

 private:
  std::string kind_;
  const nlohmann::json* fields_ = nullptr;
};

/// The parse tree of "SELECT ..." with the caller's text inside.
class SyntaxTree {
 public:
  /// Parses `prefix` + the scanned text, which must be one SELECT statement without anything but a
  /// target and a WHERE clause.
  /// Errors: INVALID_ARGUMENT for `field` with the position in the caller's text. Thread-safe.
  static absl::StatusOr<SyntaxTree> Parse(std::string_view prefix, const ScannedExpression& scanned,
                                          const std::string& field);
  SyntaxTree(SyntaxTree&&) noexcept;
  SyntaxTree& operator=(SyntaxTree&&) noexcept;
  ~SyntaxTree();

  SyntaxNode select() const;

 private:
  explicit SyntaxTree(std::unique_ptr<nlohmann::json> json);

  std::unique_ptr<nlohmann::json> json_;
};

}  // namespace sextant
