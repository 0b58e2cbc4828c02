#include "tests/testing/reference_value.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "tests/testing/run_query.h"

namespace sextant {
namespace {

const Dictionary* DictionaryOf(const Table& table, ColumnIndex column) {
  return table.facts(column).dictionary.get();
}

std::optional<RowValue> Difference(const BoundValue& value, const Column& a, const Column& b,
                                   uint32_t row, bool* excluded) {
  const auto left = ReadRow(a, nullptr, row);
  const auto right = ReadRow(b, nullptr, row);
  if (!left || !right) return std::nullopt;
  RowValue result;
  if (value.as_float) {
    result.number = left->number - right->number;
    if (std::isinf(result.number) && !std::isinf(left->number) && !std::isinf(right->number)) {
      *excluded = true;
      return std::nullopt;
    }
    result.order = {FloatKey(result.number), ""};
    return result;
  }
  const int128_t difference = left->integer * value.factor - right->integer * value.minus_factor;
  if (difference != static_cast<int64_t>(difference)) {
    *excluded = true;
    return std::nullopt;
  }
  result.integer = difference;
  result.order = {difference, ""};
  result.text = absl::StrCat(static_cast<int64_t>(difference));
  return result;
}

using Truth = std::optional<bool>;

/// The truth of each leaf for one row.
struct LeafTruth {
  const Table& table;
  const Chunk& chunk;
  uint32_t row;

  std::optional<RowValue> Value(const BoundValue& value) const {
    bool excluded = false;
    return ReadValue(table, chunk, value, row, &excluded);
  }
  template <typename Test>
  Truth Of(const BoundValue& value, Test test) const {
    const auto read = Value(value);
    return read ? Truth(test(std::get<0>(read->order), std::get<1>(read->order))) : std::nullopt;
  }

  Truth operator()(const ConstantLeaf& leaf) const {
    if (leaf.value == ConstantLeaf::Value::kNull) return std::nullopt;
    return leaf.value == ConstantLeaf::Value::kTrue;
  }
  Truth operator()(const NullLeaf& leaf) const {
    if (leaf.value.minus) return !Value(leaf.value).has_value();
    return chunk.column(leaf.value.column).IsNull(row);
  }
  Truth operator()(const IntegerRangeLeaf& leaf) const {
    return Of(leaf.value,
              [&](int128_t key, const std::string&) { return leaf.min <= key && key <= leaf.max; });
  }
  Truth operator()(const WideRangeLeaf& leaf) const {
    return Of(leaf.value,
              [&](int128_t key, const std::string&) { return leaf.min <= key && key <= leaf.max; });
  }
  Truth operator()(const IntegerSetLeaf& leaf) const {
    return Of(leaf.value, [&](int128_t key, const std::string&) {
      return std::find(leaf.keys.begin(), leaf.keys.end(), key) != leaf.keys.end();
    });
  }
  Truth operator()(const WideSetLeaf& leaf) const {
    return Of(leaf.value, [&](int128_t key, const std::string&) {
      return std::find(leaf.keys.begin(), leaf.keys.end(), key) != leaf.keys.end();
    });
  }
  Truth operator()(const TextSetLeaf& leaf) const {
    return Of(leaf.value, [&](int128_t, const std::string& text) {
      return std::find(leaf.texts.begin(), leaf.texts.end(), text) != leaf.texts.end();
    });
  }
  Truth operator()(const TextRangeLeaf& leaf) const {
    return Of(leaf.value, [&](int128_t, const std::string& text) {
      const bool above = !leaf.min || (leaf.min_inclusive ? text >= *leaf.min : text > *leaf.min);
      const bool below = !leaf.max || (leaf.max_inclusive ? text <= *leaf.max : text < *leaf.max);
      return above && below;
    });
  }
  Truth operator()(const ListLeaf& leaf) const {
    const Column& column = chunk.column(leaf.value.column);
    if (column.IsNull(row)) return std::nullopt;
    std::set<std::tuple<int128_t, std::string>> wanted;
    for (const int64_t key : leaf.keys) wanted.insert({key, ""});
    for (const std::string& text : leaf.texts) wanted.insert({0, text});
    std::set<std::tuple<int128_t, std::string>> found;
    bool has_null = false;
    for (uint32_t at = column.offsets()[row]; at < column.offsets()[row + 1]; ++at) {
      const auto element = ReadRow(column.elements(), DictionaryOf(table, leaf.value.column), at);
      if (!element) has_null = true;
      if (element && wanted.count(element->order) != 0) found.insert(element->order);
    }
    switch (leaf.match) {
      case ListMatch::kAnyOf:
        return !found.empty();
      case ListMatch::kNoneOf:
        return found.empty();
      case ListMatch::kAllOf:
        return !leaf.wants_null && found.size() == wanted.size();
      case ListMatch::kEqualsAny:
        if (!found.empty()) return true;
        return has_null ? Truth() : Truth(false);
    }
    return std::nullopt;
  }
  template <typename Node>
  Truth operator()(const Node&) const {
    SEXTANT_CHECK(false) << "a leaf that random queries do not have";
    return std::nullopt;
  }
  Truth operator()(const AndNode&) const { return std::nullopt; }
  Truth operator()(const OrNode&) const { return std::nullopt; }
};

}  // namespace

std::optional<RowValue> ReadRow(const Column& column, const Dictionary* dictionary, uint32_t row) {
  if (column.IsNull(row)) return std::nullopt;
  RowValue value;
  switch (column.layout()) {
    case Layout::kInteger:
      value.integer = column.IntegerAt(row);
      value.number =
          static_cast<double>(column.IntegerAt(row)) / std::pow(10.0, column.type().scale);
      value.order = {value.integer, ""};
      value.text = absl::StrCat(column.IntegerAt(row));
      break;
    case Layout::kFloat:
      value.number = column.FloatAt(row) == 0 ? 0 : column.FloatAt(row);
      value.order = {FloatKey(value.number), ""};
      value.text = FloatText(value.number);
      break;
    case Layout::kCode:
      value.text = dictionary->Entry(column.CodeAt(row));
      value.order = {0, value.text};
      if (column.type().kind == TypeKind::kEnum) value.order = {column.CodeAt(row), ""};
      break;
    case Layout::kBytes:
      value.text = column.BytesAt(row);
      value.order = {0, value.text};
      break;
    case Layout::kWide:
      value.integer = Int128OfWide(column.WideAt(row));
      value.number = static_cast<double>(value.integer) / std::pow(10.0, column.type().scale);
      value.order = {WideKey(column.type(), column.WideAt(row)), ""};
      value.text = WideText(column.WideAt(row));
      break;
    case Layout::kList:
      break;
  }
  return value;
}

std::optional<RowValue> ReadValue(const Table& table, const Chunk& chunk, const BoundValue& value,
                                  uint32_t row, bool* excluded) {
  const Column& column = chunk.column(value.column);
  if (!value.minus) return ReadRow(column, DictionaryOf(table, value.column), row);
  return Difference(value, column, chunk.column(*value.minus), row, excluded);
}

bool IsKept(const Table& table, const Chunk& chunk, const BoundPredicate& predicate, uint32_t row) {
  const auto keeps = [&](const BoundPredicate& child) { return IsKept(table, chunk, child, row); };
  if (const auto* node = std::get_if<AndNode>(&predicate.node)) {
    return std::all_of(node->children.begin(), node->children.end(), keeps);
  }
  if (const auto* node = std::get_if<OrNode>(&predicate.node)) {
    return std::any_of(node->children.begin(), node->children.end(), keeps);
  }
  const Truth truth = std::visit(LeafTruth{table, chunk, row}, predicate.node);
  return truth && *truth != predicate.negated;
}

}  // namespace sextant
