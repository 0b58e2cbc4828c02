#include "compute/plan/expression_parser/plain_aggregate.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compute/plan/expression_parser/aggregate_names.h"
#include "compute/plan/expression_parser/aggregate_reader.h"

namespace sextant {
namespace {

/// PostgreSQL cuts longer names off.
constexpr size_t kMaxNameBytes = 63;

/// The text of a name that the parser takes as it is written; empty for another token.
std::string_view PlainName(const ScannedExpression& scanned, const ExpressionToken& token) {
  const std::string_view text = scanned.TextOf(token);
  const auto is_plain = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
  };
  const bool is_name = token.kind == kIdentifierToken && !token.is_keyword &&
                       text.size() <= kMaxNameBytes &&
                       std::all_of(text.begin(), text.end(), is_plain);
  return is_name ? text : std::string_view();
}

}  // namespace

std::optional<Expression> ReadPlainAggregate(const ScannedExpression& scanned) {
  const std::vector<ExpressionToken>& tokens = scanned.tokens();
  if (tokens.size() != 4 || tokens[1].kind != '(' || tokens[3].kind != ')') return std::nullopt;
  const AggregateEntry* const entry = FindAggregateNamed(PlainName(scanned, tokens[0]));
  if (entry == nullptr) return std::nullopt;
  const bool is_count = entry->shape == AggregateShape::kCount;
  if (!is_count && entry->shape != AggregateShape::kOne) return std::nullopt;
  AggregateCall call;
  call.kind = entry->kind;
  call.position = scanned.CharacterAt(tokens[0].start);
  const std::string_view column = PlainName(scanned, tokens[2]);
  if (is_count && tokens[2].kind == '*') {
    call.kind = AggregateKind::kCountRows;
  } else if (!column.empty()) {
    call.arguments.push_back(
        Expression::Column(std::string(column), scanned.CharacterAt(tokens[2].start)));
  } else {
    return std::nullopt;
  }
  if (call.kind == AggregateKind::kPercentileCont) call.fraction = 0.5;  // median
  return ExpressionOf(std::move(call));
}

}  // namespace sextant
