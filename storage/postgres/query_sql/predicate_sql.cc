#include "storage/postgres/query_sql/predicate_sql.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/postgres/identifier.h"
#include "storage/postgres/query_sql/constant_sql.h"
#include "storage/postgres/query_sql/expression_sql.h"
#include "storage/postgres/query_sql/key_sql.h"
#include "storage/postgres/utf8.h"

namespace sextant {
namespace {

constexpr const char* kOperators[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};

/// Writes each kind of node; PredicateSql adds the negation.
class NodePrinter {
 public:
  explicit NodePrinter(const SqlScope& scope) : scope_(scope) {}

  std::string operator()(const ConstantLeaf& leaf) const {
    constexpr const char* kValues[] = {"true", "false", "NULL::boolean"};
    return kValues[static_cast<int>(leaf.value)];
  }
  std::string operator()(const NullLeaf& leaf) const {
    return absl::StrCat("(", ValueSql(scope_, leaf.value), " IS NULL)");
  }
  std::string operator()(const IntegerRangeLeaf& leaf) const {
    return KeyRangeSql(leaf.value.type, FieldOf(leaf.value), ValueSql(scope_, leaf.value), leaf.min,
                       leaf.max);
  }
  std::string operator()(const IntegerSetLeaf& leaf) const {
    return KeySetSql(leaf.value.type, FieldOf(leaf.value), ValueSql(scope_, leaf.value), leaf.keys);
  }
  std::string operator()(const WideRangeLeaf& leaf) const {
    return WideRangeSql(leaf.value.type, ValueSql(scope_, leaf.value), leaf.min, leaf.max);
  }
  std::string operator()(const WideSetLeaf& leaf) const {
    return WideSetSql(leaf.value.type, ValueSql(scope_, leaf.value), leaf.keys);
  }
  std::string operator()(const TextRangeLeaf& leaf) const {
    return TextRange(leaf.value.type, ValueSql(scope_, leaf.value), leaf);
  }
  std::string operator()(const TextSetLeaf& leaf) const {
    return absl::StrCat("(", ValueSql(scope_, leaf.value), " IN (",
                        Texts(leaf.value.type, leaf.texts), "))");
  }
  std::string operator()(const ListLeaf& leaf) const { return List(leaf); }
  std::string operator()(const ListCompareLeaf& leaf) const { return ListCompare(leaf); }
  std::string operator()(const CompareLeaf& leaf) const {
    return absl::StrCat("(", ValueSql(scope_, leaf.left), kOperators[static_cast<int>(leaf.op)],
                        ValueSql(scope_, leaf.right), ")");
  }
  std::string operator()(const DistinctLeaf& leaf) const {
    return absl::StrCat("(", ValueSql(scope_, leaf.left), " IS DISTINCT FROM ",
                        ValueSql(scope_, leaf.right), ")");
  }
  std::string operator()(const PatternLeaf& leaf) const {
    const std::string value = ValueSql(scope_, leaf.value);
    // Cases, and classes such as \w, are those of Unicode.
    const bool has_classes = leaf.case_insensitive || !leaf.is_like;
    const std::string text = has_classes ? absl::StrCat(value, " COLLATE \"C.utf8\"") : value;
    if (!leaf.is_like) {
      return absl::StrCat("(", text, leaf.case_insensitive ? " ~* " : " ~ ",
                          QuoteLiteral(leaf.pattern), ")");
    }
    return absl::StrCat("(", text, leaf.case_insensitive ? " ILIKE " : " LIKE ",
                        QuoteLiteral(leaf.pattern), " ESCAPE ", QuoteLiteral(leaf.escape), ")");
  }
  std::string operator()(const ExistsLeaf& leaf) const {
    return scope_.exists ? scope_.exists(leaf) : Exists(leaf);
  }
  std::string operator()(const AndNode& node) const { return Joined(node.children, " AND "); }
  std::string operator()(const OrNode& node) const { return Joined(node.children, " OR "); }
  std::string operator()(const IsTrueNode& node) const {
    return absl::StrCat("(", PredicateSql(scope_, node.children[0]), " IS TRUE)");
  }

 private:
  /// As people write it.
  std::string Exists(const ExistsLeaf& leaf) const {
    const SchemaLink& link = scope_.schema->links()[leaf.link];
    std::string text = absl::StrCat("exists_in(", QuoteIdentifier(link.name));
    const std::shared_ptr<const Schema> target = link.target.lock();
    if (!leaf.children.empty() && target != nullptr) {
      const SqlScope scope = {
          .schema = target.get(),
          .column = [&](ColumnIndex column) { return QuoteIdentifier(target->field(column).name); },
          .unsupported = scope_.unsupported};
      absl::StrAppend(&text, ", ", PredicateSql(scope, leaf.children[0]));
    }
    return text + ")";
  }

  const Field& FieldOf(const BoundValue& value) const { return scope_.schema->field(value.column); }

  static std::string Text(const DataType& type, const std::string& text) {
    return type.kind == TypeKind::kBytes ? BytesSql(text) : QuoteLiteral(text);
  }

  static std::string Texts(const DataType& type, const std::vector<std::string>& texts) {
    return absl::StrJoin(texts, ", ", [&](std::string* out, const std::string& text) {
      absl::StrAppend(out, Text(type, text));
    });
  }

  /// The bytes after all that begin with a prefix need not be a text.
  static std::string TextBound(const DataType& type, const std::string& value,
                               const char* comparison, const std::string& bound) {
    if (type.kind == TypeKind::kBytes || IsUtf8(bound)) {
      return absl::StrCat(value, comparison, Text(type, bound));
    }
    return absl::StrCat("convert_to(", value, ", 'UTF8')", comparison, BytesSql(bound));
  }

  static std::string TextRange(const DataType& type, const std::string& value,
                               const TextRangeLeaf& leaf) {
    std::vector<std::string> parts;
    if (leaf.min) {
      parts.push_back(TextBound(type, value, leaf.min_inclusive ? " >= " : " > ", *leaf.min));
    }
    if (leaf.max) {
      parts.push_back(TextBound(type, value, leaf.max_inclusive ? " <= " : " < ", *leaf.max));
    }
    if (parts.empty()) parts.push_back(absl::StrCat(value, " = ", value));
    return absl::StrCat("(", absl::StrJoin(parts, " AND "), ")");
  }

  std::string Joined(const std::vector<BoundPredicate>& children, const char* separator) const {
    return absl::StrCat("(",
                        absl::StrJoin(children, separator,
                                      [&](std::string* out, const BoundPredicate& child) {
                                        absl::StrAppend(out, PredicateSql(scope_, child));
                                      }),
                        ")");
  }

  std::string List(const ListLeaf& leaf) const {
    const std::string list = ValueSql(scope_, leaf.value);
    const DataType element = leaf.value.type.ElementType();
    if (leaf.wants_null) return absl::StrCat("(CASE WHEN ", list, " IS NOT NULL THEN false END)");
    std::vector<std::string> values;
    for (const int64_t key : leaf.keys) {
      values.push_back(KeySql(element, FieldOf(leaf.value), key));
    }
    for (const std::string& text : leaf.texts) values.push_back(TextSql(text));
    const std::string array =
        absl::StrCat("ARRAY[", absl::StrJoin(values, ", "), "]::", SqlTypeOf(leaf.value.type));
    switch (leaf.match) {
      case ListMatch::kAnyOf:
        return absl::StrCat("(", list, " && ", array, ")");
      case ListMatch::kNoneOf:
        return absl::StrCat("(NOT (", list, " && ", array, "))");
      case ListMatch::kAllOf:
        return absl::StrCat("(", list, " @> ", array, ")");
      case ListMatch::kEqualsAny:
        break;
    }
    if (values.size() == 1) return absl::StrCat("(", values[0], " = ANY (", list, "))");
    // Beside no value an element that is NULL is still not known to differ.
    return Elements(
        list, /*is_all=*/false,
        values.empty() ? "CASE WHEN e IS NOT NULL THEN false END" : "e = ANY (" + array + ")");
  }

  /// Whether one (or each) of the elements e of a list satisfies `condition`, as ANY and ALL do.
  static std::string Elements(const std::string& list, bool is_all, const std::string& condition) {
    const char* found = is_all ? "bool_or(NOT c) THEN false" : "bool_or(c) THEN true";
    return absl::StrCat("(CASE WHEN ", list, " IS NOT NULL THEN (SELECT CASE WHEN ", found,
                        " WHEN bool_or(c IS NULL) THEN NULL ELSE ", is_all ? "true" : "false",
                        " END FROM (SELECT ", condition, " AS c FROM unnest(", list,
                        ") AS u(e)) AS each) END)");
  }

  std::string ListCompare(const ListCompareLeaf& leaf) const {
    const DataType element = leaf.value.type.ElementType();
    std::string condition;
    if (element.kind == TypeKind::kText) {
      TextRangeLeaf range{leaf.value, leaf.min_text, leaf.max_text, leaf.min_inclusive,
                          leaf.max_inclusive};
      condition = TextRange(element, "e COLLATE \"C\"", range);
    } else {
      condition = KeyRangeSql(element, FieldOf(leaf.value), "e", leaf.min, leaf.max);
    }
    if (leaf.outside) condition = absl::StrCat("(NOT ", condition, ")");
    return Elements(ValueSql(scope_, leaf.value), leaf.is_all, condition);
  }

  const SqlScope& scope_;
};

}  // namespace

std::string PredicateSql(const SqlScope& scope, const BoundPredicate& predicate) {
  const std::string sql = std::visit(NodePrinter(scope), predicate.node);
  return predicate.negated ? absl::StrCat("(NOT ", sql, ")") : sql;
}

}  // namespace sextant
