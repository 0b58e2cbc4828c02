#include "compute/plan/binder/aggregate_list.h"

#include <functional>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/predicate_forms.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

size_t Mixed(size_t hash, size_t value) { return (hash ^ value) * 0x9E3779B97F4A7C15u; }

/// Equal for values of equal text.
size_t QuickHash(const BoundValue& value) {
  if (value.expression != nullptr) return 1;
  return Mixed(value.column, value.minus ? size_t{*value.minus} + 2 : 0);
}

/// Equal for aggregates of equal text.
size_t QuickHash(const BoundAggregate& aggregate) {
  size_t hash = static_cast<size_t>(aggregate.kind);
  if (HasValue(aggregate.kind)) hash = Mixed(hash, QuickHash(aggregate.value));
  hash = Mixed(hash, static_cast<size_t>(FloatKey(aggregate.fraction)));
  hash = Mixed(hash, static_cast<size_t>(aggregate.pin.kind));
  if (aggregate.pin.kind != TimePin::Kind::kNone) {
    hash = Mixed(hash, QuickHash(aggregate.pin.start));
  }
  return Mixed(hash, aggregate.filter ? 1 : 0);
}

/// Of values that compute nothing.
bool IsSame(const BoundValue& a, const BoundValue& b) {
  return std::tie(a.column, a.minus, a.factor, a.minus_factor, a.as_float, a.type) ==
         std::tie(b.column, b.minus, b.factor, b.minus_factor, b.as_float, b.type);
}

bool IsPlain(const BoundAggregate& aggregate) {
  return !aggregate.filter && !aggregate.outside && !aggregate.clip && !aggregate.bound &&
         !aggregate.histogram && aggregate.pin.frame == nullptr &&
         aggregate.value.expression == nullptr && aggregate.second.expression == nullptr &&
         aggregate.pin.start.expression == nullptr && aggregate.pin.end.expression == nullptr;
}

/// Then their texts are equal, which take long to make. Others may be equal too.
bool AreSurelyEqual(const BoundAggregate& a, const BoundAggregate& b) {
  return IsPlain(a) && IsPlain(b) && a.kind == b.kind && IsSame(a.value, b.value) &&
         IsSame(a.second, b.second) && FloatKey(a.fraction) == FloatKey(b.fraction) &&
         std::tie(a.descending, a.first, a.last, a.is_list, a.pin.kind) ==
             std::tie(b.descending, b.first, b.last, b.is_list, b.pin.kind) &&
         IsSame(a.pin.start, b.pin.start) && IsSame(a.pin.end, b.pin.end);
}

size_t TextHash(const BoundAggregate& aggregate) {
  return std::hash<std::string>()(ToString(aggregate));
}

}  // namespace

std::optional<uint32_t> AggregateList::Find(const BoundAggregate& aggregate, Known& added) {
  for (Known& candidate : known_) {
    if (candidate.dataset != added.dataset || candidate.quick_hash != added.quick_hash) continue;
    const BoundAggregate& known = query_.aggregates[candidate.index];
    if (AreSurelyEqual(known, aggregate)) return candidate.index;
    if (!candidate.text_hash) candidate.text_hash = TextHash(known);
    if (!added.text_hash) added.text_hash = TextHash(aggregate);
    if (*candidate.text_hash != *added.text_hash) continue;
    if (ToString(known) == ToString(aggregate)) return candidate.index;
  }
  return std::nullopt;
}

absl::StatusOr<uint32_t> AggregateList::Keep(size_t dataset, const std::string& field) {
  BoundAggregate& aggregate = query_.aggregates.back();
  // A filter that folds to TRUE is none: it would keep equal aggregates apart.
  if (aggregate.filter && IsConstant(*aggregate.filter, ConstantLeaf::Value::kTrue)) {
    aggregate.filter.reset();
  }
  Known added = {.dataset = dataset, .quick_hash = QuickHash(aggregate)};
  if (const std::optional<uint32_t> known = Find(aggregate, added)) {
    query_.aggregates[*known].num_uses += aggregate.num_uses;
    query_.aggregates.pop_back();
    return *known;
  }
  const auto max_aggregates = static_cast<size_t>(query_.limits.max_aggregates);
  if (query_.aggregates.size() > max_aggregates) {
    return FieldError(field, absl::StrCat("the metrics have more than ", max_aggregates,
                                          " aggregates, which are allowed"));
  }
  SEXTANT_RETURN_IF_ERROR(parts_.Take(NumParts(aggregate, kMaxQueryParts), field));
  const auto index = static_cast<uint32_t>(query_.aggregates.size() - 1);
  query_.datasets[dataset].aggregates.push_back(index);
  added.index = index;
  known_.push_back(added);
  return index;
}

}  // namespace sextant
