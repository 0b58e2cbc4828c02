#include "compute/plan/expression_parser/source_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

struct NodeDescription {
  const char* kind;
  const char* description;
};
constexpr NodeDescription kDescriptions[] = {
    {"A_ArrayExpr", "an array"},
    {"A_Const", "a constant"},
    {"A_Indirection", "a subscript"},
    {"BoolExpr", "AND, OR or NOT"},
    {"BooleanTest", "IS TRUE or FALSE"},
    {"CaseExpr", "CASE"},
    {"CoalesceExpr", "COALESCE"},
    {"CollateClause", "COLLATE"},
    {"GroupingFunc", "GROUPING"},
    {"MinMaxExpr", "GREATEST or LEAST"},
    {"NamedArgExpr", "a named argument"},
    {"NullTest", "IS NULL"},
    {"ParamRef", "a parameter"},
    {"RowExpr", "a row"},
    {"SQLValueFunction", "a function of the session"},
    {"SetToDefault", "DEFAULT"},
    {"SubLink", "a subquery"},
    {"TypeCast", "a cast"},
    {"XmlExpr", "XML"},
};

std::string FunctionName(const SyntaxNode& node) {
  std::vector<std::string> names = node.Names("funcname");
  // trim(x) is written without the schema that its node has.
  if (names.size() > 1 && node.Text("funcformat") == "COERCE_SQL_SYNTAX") {
    names.erase(names.begin());
  }
  return absl::StrJoin(names, ".");
}

}  // namespace

std::string SourceText::Describe(const SyntaxNode& node) {
  if (node.Is("FuncCall")) return absl::StrCat("the function ", FunctionName(node), "()");
  if (node.Is("ColumnRef")) {
    return absl::StrCat("the column ", absl::StrJoin(node.Names("fields"), "."));
  }
  if (node.Is("A_Expr")) {
    return absl::StrCat("the operator ", absl::StrJoin(node.Names("name"), "."));
  }
  for (const NodeDescription& known : kDescriptions) {
    if (node.Is(known.kind)) return known.description;
  }
  return node.exists() ? node.kind() : "nothing";
}

int SourceText::ByteOffsetOf(const SyntaxNode& node) const {
  if (!node.exists()) return -1;
  const int64_t location = node.Number("location");
  if (location >= static_cast<int64_t>(prefix_bytes_)) {
    return static_cast<int>(location - static_cast<int64_t>(prefix_bytes_));
  }
  for (const char* part : {"lexpr", "arg", "rexpr", "node"}) {
    if (node.Has(part)) return ByteOffsetOf(node.Child(part));
  }
  return -1;
}

int SourceText::PositionOf(const SyntaxNode& node) const {
  const int byte_offset = ByteOffsetOf(node);
  return byte_offset < 0 ? -1 : scanned_.CharacterAt(static_cast<size_t>(byte_offset));
}

std::string SourceText::IntegerOf(const SyntaxNode& node) const {
  return scanned_.IntegerAt(static_cast<size_t>(std::max(ByteOffsetOf(node), 0)));
}

absl::Status SourceText::Refuse(const SyntaxNode& node, std::string_view found,
                                std::string_view allowed) const {
  return FieldError(field_,
                    absl::StrCat("found ", ToAbsl(Excerpt(found)), "; allowed: ", ToAbsl(allowed)),
                    PositionOf(node));
}

absl::Status SourceText::RefuseName(const SyntaxNode& node, std::string_view found,
                                    std::string_view wanted,
                                    std::span<const std::string> names) const {
  return FieldError(field_,
                    absl::StrCat("found ", ToAbsl(Excerpt(found)), DidYouMean(wanted, names),
                                 "; allowed: ", absl::StrJoin(names.begin(), names.end(), ", ")),
                    PositionOf(node), NearestNames(wanted, names));
}

}  // namespace sextant
