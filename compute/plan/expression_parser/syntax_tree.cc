#include "compute/plan/expression_parser/syntax_tree.h"

#include <pg_query.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

using nlohmann::json;

const json* Find(const json* object, const char* field) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(field);
  return found == object->end() ? nullptr : &*found;
}

/// What a user wrote where PostgreSQL's tree has a field that is not allowed.
struct ClauseName {
  const char* field;
  const char* keyword;
};
constexpr ClauseName kClauses[] = {
    {"fromClause", "from"},         {"groupClause", "group"}, {"havingClause", "having"},
    {"windowClause", "window"},     {"sortClause", "order"},  {"limitCount", "limit"},
    {"limitOffset", "offset"},      {"lockingClause", "for"}, {"intoClause", "into"},
    {"distinctClause", "distinct"}, {"whereClause", "where"}, {"larg", "union"},
};

absl::Status RefuseClause(const std::string& clause, const ScannedExpression& scanned,
                          const std::string& field) {
  for (const ClauseName& known : kClauses) {
    if (clause != known.field) continue;
    const int byte_offset = scanned.FindKeyword(known.keyword);
    return FieldError(
        field, absl::StrCat("found a ", known.keyword, " clause; allowed: exactly one expression"),
        byte_offset < 0 ? -1 : scanned.CharacterAt(byte_offset));
  }
  return FieldError(field, "found more than an expression; allowed: exactly one expression");
}

absl::Status CheckSelect(const SyntaxNode& select, bool has_where_prefix,
                         const ScannedExpression& scanned, const std::string& field) {
  if (!select.Is("SelectStmt")) {
    return FieldError(field, "found a statement; allowed: exactly one expression", 0);
  }
  std::vector<std::string_view> allowed = {"targetList", "limitOption", "op"};
  if (has_where_prefix) allowed.emplace_back("whereClause");
  if (select.Text("op") != "SETOP_NONE") return RefuseClause("larg", scanned, field);
  const std::string outside = select.FindFieldOutside(allowed);
  if (!outside.empty()) return RefuseClause(outside, scanned, field);
  return absl::OkStatus();
}

}  // namespace

SyntaxNode::SyntaxNode(const json* wrapped) {
  if (wrapped == nullptr || !wrapped->is_object() || wrapped->size() != 1) return;
  kind_ = wrapped->begin().key();
  fields_ = &*wrapped->begin();
}

bool SyntaxNode::Has(const char* field) const { return Find(fields_, field) != nullptr; }

SyntaxNode SyntaxNode::Child(const char* field) const { return SyntaxNode(Find(fields_, field)); }

SyntaxNode SyntaxNode::Part(const char* field) const {
  SyntaxNode part;
  part.fields_ = Find(fields_, field);
  return part;
}

std::vector<SyntaxNode> SyntaxNode::Children(const char* field) const {
  std::vector<SyntaxNode> children;
  const json* list = Find(fields_, field);
  if (list == nullptr || !list->is_array()) return children;
  for (const json& element : *list) children.emplace_back(&element);
  return children;
}

std::string SyntaxNode::Text(const char* field) const {
  const json* value = Find(fields_, field);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

int64_t SyntaxNode::Number(const char* field) const {
  const json* value = Find(fields_, field);
  return value != nullptr && value->is_number_integer() ? value->get<int64_t>() : 0;
}

bool SyntaxNode::Flag(const char* field) const {
  const json* value = Find(fields_, field);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::vector<std::string> SyntaxNode::Names(const char* field) const {
  std::vector<std::string> names;
  for (const SyntaxNode& name : Children(field)) names.push_back(name.Text("sval"));
  return names;
}

std::string SyntaxNode::InnerText(const char* field) const {
  const json* value = Find(Find(fields_, field), field);
  if (value == nullptr) return "";
  if (value->is_boolean()) return value->get<bool>() ? "true" : "false";
  return value->is_string() ? value->get<std::string>() : "";
}

std::optional<int64_t> SyntaxNode::InnerNumber(const char* field) const {
  const json* value = Find(Find(fields_, field), field);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  return value->get<int64_t>();
}

std::string SyntaxNode::FindFieldOutside(const std::vector<std::string_view>& allowed) const {
  if (fields_ == nullptr || !fields_->is_object()) return "";
  for (const auto& [name, value] : fields_->items()) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) return name;
  }
  return "";
}

SyntaxTree::SyntaxTree(std::unique_ptr<json> json) : json_(std::move(json)) {}
SyntaxTree::SyntaxTree(SyntaxTree&&) noexcept = default;
SyntaxTree& SyntaxTree::operator=(SyntaxTree&&) noexcept = default;
SyntaxTree::~SyntaxTree() = default;

absl::StatusOr<SyntaxTree> SyntaxTree::Parse(std::string_view prefix,
                                             const ScannedExpression& scanned,
                                             const std::string& field) {
  PreparePgQueryOnThisThread();
  const std::string statement = std::string(prefix) + scanned.text();
  const PgQueryParseResult result = pg_query_parse(statement.c_str());
  if (result.error != nullptr) {
    const std::string message(Excerpt(result.error->message));
    // PostgreSQL counts characters from 1; the prefix is ASCII.
    const int position = result.error->cursorpos - 1 - static_cast<int>(prefix.size());
    pg_query_free_parse_result(result);
    return FieldError(field, message, std::max(position, 0));
  }
  auto parsed = std::make_unique<json>(json::parse(result.parse_tree, nullptr, false));
  pg_query_free_parse_result(result);
  SyntaxTree tree(std::move(parsed));
  const json* statements = Find(tree.json_.get(), "stmts");
  if (statements == nullptr || !statements->is_array() || statements->size() != 1) {
    return FieldError(field, "found several statements; allowed: exactly one expression");
  }
  const bool has_where_prefix = prefix.find("WHERE") != std::string_view::npos;
  if (absl::Status status = CheckSelect(tree.select(), has_where_prefix, scanned, field);
      !status.ok()) {
    return status;
  }
  return tree;
}

SyntaxNode SyntaxTree::select() const {
  const json* statements = Find(json_.get(), "stmts");
  return SyntaxNode(Find(&statements->front(), "stmt"));
}

}  // namespace sextant
