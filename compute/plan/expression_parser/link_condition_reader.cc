#include "compute/plan/expression_parser/link_condition_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"

namespace sextant {
namespace {

constexpr std::string_view kAllowed =
    "exists_in(link), exists_in(link, condition), and any_in() and none_in() likewise";

std::string NameOf(const SyntaxNode& node) {
  const std::vector<std::string> names = node.Names("funcname");
  return names.size() == 1 ? names[0] : "";
}

}  // namespace

bool IsLinkCondition(const SyntaxNode& node) {
  if (!node.Is("FuncCall")) return false;
  const std::string name = NameOf(node);
  return name == "exists_in" || name == "any_in" || name == "none_in";
}

absl::StatusOr<Predicate> ReadLinkCondition(TreeReader& reader, const SyntaxNode& node) {
  const SourceText& source = reader.source();
  const std::string name = NameOf(node);
  const std::vector<SyntaxNode> arguments = node.Children("args");
  const bool is_plain = node.FindFieldOutside({"funcname", "args", "funcformat", "location"}) == "";
  if (!is_plain || arguments.empty() || arguments.size() > 2) {
    return source.Refuse(node, absl::StrCat(name, "() of ", arguments.size(), " arguments"),
                         kAllowed);
  }
  const std::vector<std::string> link =
      arguments[0].Is("ColumnRef") ? arguments[0].Names("fields") : std::vector<std::string>();
  if (link.size() != 1 || link[0].empty()) {
    return source.Refuse(arguments[0], SourceText::Describe(arguments[0]),
                         "the name of a link of the dataset");
  }
  if (reader.scope() == ReadScope::kMetric) {
    return source.Refuse(node, absl::StrCat(name, "() outside an aggregate"),
                         "conditions on links inside of aggregates and their FILTER");
  }
  Predicate exists = reader.Make(Predicate::Kind::kExists);
  exists.link = link[0];
  exists.position = source.PositionOf(node);
  if (arguments.size() == 2) {
    SEXTANT_ASSIGN_OR_RETURN(Predicate condition, reader.ReadCondition(arguments[1]));
    exists.children.push_back(std::move(condition));
  }
  return name == "none_in" ? reader.Negate(std::move(exists)) : exists;
}

}  // namespace sextant
