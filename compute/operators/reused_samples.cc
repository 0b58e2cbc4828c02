#include "compute/operators/reused_samples.h"

#include <algorithm>
#include <variant>

namespace sextant {
namespace {

/// Whether an aggregate of the numbers of samples can be made of them in any order.
bool IsOfNumbers(const BoundAggregate& aggregate) {
  switch (aggregate.kind) {
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
    case AggregateKind::kVarPop:
    case AggregateKind::kVarSamp:
    case AggregateKind::kStddevPop:
    case AggregateKind::kStddevSamp:
      return PlainLayout(aggregate.value.type) == Layout::kInteger;
    default:
      return false;
  }
}

bool IsCount(AggregateKind kind) {
  return kind == AggregateKind::kCount || kind == AggregateKind::kCountRows;
}

}  // namespace

SampleReuse::SampleReuse(const ClipPlan& plan, size_t dataset) {
  for (const ClipPlan::Samples& samples : plan.samples) {
    if (samples.dataset != dataset) continue;
    std::string value = ToString(samples.value);
    Conjunction filter = Split(samples.filter, value);
    known_.push_back({ToString(samples.pin), std::move(value), std::move(filter)});
  }
}

void SampleReuse::Add(const BoundPredicate& condition, const std::string& value, Conjunction& all) {
  if (const auto* const both = std::get_if<AndNode>(&condition.node)) {
    for (const BoundPredicate& child : both->children) Add(child, value, all);
    return;
  }
  const auto* const range = std::get_if<IntegerRangeLeaf>(&condition.node);
  if (range == nullptr || condition.negated || ToString(range->value) != value) {
    all.conditions.push_back(ToString(condition));
    return;
  }
  all.has_range = true;
  all.low = std::max(all.low, range->min);
  all.high = std::min(all.high, range->max);
}

SampleReuse::Conjunction SampleReuse::Split(const std::optional<BoundPredicate>& filter,
                                            const std::string& value) {
  Conjunction all;
  if (filter) Add(*filter, value, all);
  std::sort(all.conditions.begin(), all.conditions.end());
  all.conditions.erase(std::unique(all.conditions.begin(), all.conditions.end()),
                       all.conditions.end());
  return all;
}

std::optional<KeyRangeOfSamples> SampleReuse::Find(const BoundAggregate& aggregate) const {
  const bool is_count = IsCount(aggregate.kind);
  const bool is_at = aggregate.pin.kind == TimePin::Kind::kAt && aggregate.pin.frame == nullptr &&
                     aggregate.pin.start.IsColumn() &&
                     aggregate.pin.start.type.kind != TypeKind::kList;
  if (known_.empty() || !is_at || !(is_count || IsOfNumbers(aggregate))) return std::nullopt;
  const std::string pin = ToString(aggregate.pin);
  const bool is_of_rows = aggregate.kind == AggregateKind::kCountRows;
  const std::string value = is_of_rows ? "" : ToString(aggregate.value);
  for (uint32_t samples = 0; samples < known_.size(); ++samples) {
    const Known& known = known_[samples];
    if (known.pin != pin || (!is_of_rows && known.value != value)) continue;
    const Conjunction own = Split(aggregate.filter, known.value);
    // Of count(*) the range says that there is a value.
    if (is_of_rows && !own.has_range) continue;
    if (own.conditions != known.filter.conditions) continue;
    if (own.low < known.filter.low || own.high > known.filter.high) continue;
    return KeyRangeOfSamples{samples, own.low, own.high};
  }
  return std::nullopt;
}

}  // namespace sextant
