#include "compute/plan/binder/aggregate_list.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::StatusOr<uint32_t> AggregateList::Add(size_t dataset, BoundAggregate aggregate,
                                            const std::string& field) {
  const std::string text = ToString(aggregate);
  const size_t hash = std::hash<std::string>()(absl::StrCat(dataset, "\n", text));
  std::vector<uint32_t>& own = query_.datasets[dataset].aggregates;
  const auto [begin, end] = known_.equal_range(hash);
  for (auto candidate = begin; candidate != end; ++candidate) {
    const uint32_t index = candidate->second;
    const bool is_own = std::find(own.begin(), own.end(), index) != own.end();
    if (is_own && ToString(query_.aggregates[index]) == text) return index;
  }
  const auto max_aggregates = static_cast<size_t>(query_.limits.max_aggregates);
  if (query_.aggregates.size() >= max_aggregates) {
    return FieldError(field, absl::StrCat("the metrics have more than ", max_aggregates,
                                          " aggregates, which are allowed"));
  }
  SEXTANT_RETURN_IF_ERROR(parts_.Take(NumParts(aggregate, kMaxQueryParts), field));
  const auto index = static_cast<uint32_t>(query_.aggregates.size());
  query_.aggregates.push_back(std::move(aggregate));
  own.push_back(index);
  known_.emplace(hash, index);
  return index;
}

}  // namespace sextant
