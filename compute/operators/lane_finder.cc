#include "compute/operators/lane_finder.h"

#include <tuple>

namespace sextant {
namespace {

bool IsPlain(const BoundPin& pin) {
  return pin.start.expression == nullptr && pin.end.expression == nullptr && pin.frame == nullptr;
}

/// REQUIRES: neither computes anything.
bool IsSame(const BoundValue& a, const BoundValue& b) {
  return std::tie(a.column, a.minus, a.factor, a.minus_factor, a.as_float, a.type) ==
         std::tie(b.column, b.minus, b.factor, b.minus_factor, b.as_float, b.type);
}

bool IsSame(const BoundPin& a, const BoundPin& b) {
  return a.kind == b.kind && IsSame(a.start, b.start) && IsSame(a.end, b.end);
}

}  // namespace

LaneFinder::Number LaneFinder::AddPin(const BoundPin& pin) {
  const size_t next = pins_.size();
  if (!IsPlain(pin)) {
    const auto [known, is_new] = pin_of_text_.try_emplace(ToString(pin), next);
    if (is_new) pins_.emplace_back();
    return {known->second, is_new};
  }
  for (size_t i = 0; i < pins_.size(); ++i) {
    if (pins_[i].plain != nullptr && IsSame(*pins_[i].plain, pin)) return {i, false};
  }
  pins_.emplace_back().plain = &pin;
  return {next, true};
}

LaneFinder::Number LaneFinder::AddFilter(size_t pin, const std::optional<BoundPredicate>& filter,
                                         const std::string& clip) {
  KnownPin& known_pin = pins_[pin];
  if (filter || !clip.empty()) {
    constexpr size_t kNoFilter = ~size_t{0};
    std::optional<size_t> text_number;
    if (filter) {
      text_number =
          filter_of_text_.try_emplace(ToString(*filter), filter_of_text_.size()).first->second;
    }
    const auto [known, is_new] = lane_of_filter_.try_emplace(
        {pin, text_number.value_or(kNoFilter), clip}, known_pin.num_filters);
    if (is_new) ++known_pin.num_filters;
    return {known->second, is_new, text_number};
  }
  if (known_pin.unfiltered) return {*known_pin.unfiltered, false};
  known_pin.unfiltered = known_pin.num_filters++;
  return {*known_pin.unfiltered, true};
}

}  // namespace sextant
