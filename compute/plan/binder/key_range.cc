#include "compute/plan/binder/key_range.h"

#include <algorithm>

#include "compute/memory/check.h"

namespace sextant {
namespace {

/// Keys from `first` on.
KeyRange From(const std::optional<int128_t>& first) {
  return first ? KeyRange{*first, kMaxKey} : KeyRange::Empty();
}

/// Keys before `end`.
KeyRange Before(const std::optional<int128_t>& end) {
  if (!end) return {};
  return *end == kMinKey ? KeyRange::Empty() : KeyRange{kMinKey, *end - 1};
}

}  // namespace

KeyRange KeyRange::Intersect(const KeyRange& other) const {
  return {std::max(min, other.min), std::min(max, other.max)};
}

KeyBound KeyBound::At(int128_t key) {
  KeyBound bound = {.first_not_less = key, .first_greater = std::nullopt};
  if (key != kMaxKey) bound.first_greater = key + 1;
  return bound;
}

KeyBound KeyBound::Above(int128_t floor) {
  const KeyBound at = At(floor);
  return {.first_not_less = at.first_greater, .first_greater = at.first_greater};
}

KeyRange RangeOf(CompareOp op, const KeyBound& bound) {
  switch (op) {
    case CompareOp::kEqual:
      return From(bound.first_not_less).Intersect(Before(bound.first_greater));
    case CompareOp::kLess:
      return Before(bound.first_not_less);
    case CompareOp::kLessOrEqual:
      return Before(bound.first_greater);
    case CompareOp::kGreater:
      return From(bound.first_greater);
    case CompareOp::kGreaterOrEqual:
      return From(bound.first_not_less);
    case CompareOp::kNotEqual:
      break;
  }
  SEXTANT_CHECK(false) << "<> is not a range";
  return {};
}

}  // namespace sextant
