#include "compute/column/tenant_scope.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/column/table.h"
#include "compute/memory/check.h"
#include "compute/memory/status_macros.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

/// What a tenant costs beside its ranges: the map's slot at its usual load, and the key's block.
constexpr size_t kBytesPerTenant =
    2 * sizeof(std::pair<std::string, std::vector<RowRange>>) + sizeof(std::max_align_t);

}  // namespace

absl::Status TenantIndex::Add(std::string_view tenant, RowRange range) {
  if (range.begin == range.end) return absl::OkStatus();
  SEXTANT_DCHECK(range.begin < range.end);
  auto known = ranges_.find(ToAbsl(tenant));
  if (known == ranges_.end()) {
    SEXTANT_RETURN_IF_ERROR(
        reservation_.Resize(reservation_.bytes() + kBytesPerTenant + tenant.size()));
    known = ranges_.try_emplace(std::string(tenant)).first;
  }
  std::vector<RowRange>& ranges = known->second;
  if (!ranges.empty() && ranges.back().chunk == range.chunk && ranges.back().end == range.begin) {
    ranges.back().end = range.end;
    return absl::OkStatus();
  }
  if (ranges.size() == ranges.capacity()) {
    const size_t grown = ranges.empty() ? 1 : ranges.size() * 2;
    SEXTANT_RETURN_IF_ERROR(
        reservation_.Resize(reservation_.bytes() + (grown - ranges.capacity()) * sizeof(RowRange)));
    ranges.reserve(grown);
  }
  ranges.push_back(range);
  return absl::OkStatus();
}

std::span<const RowRange> TenantIndex::RangesOf(std::string_view tenant) const {
  const auto known = ranges_.find(ToAbsl(tenant));
  if (known == ranges_.end()) return {};
  return known->second;
}

TenantScope::TenantScope(std::shared_ptr<const Table> table, Ranges ranges)
    : table_(std::move(table)), ranges_(std::move(ranges)) {
  for (const RowRange& range : ranges_) num_rows_ += range.end - range.begin;
}

absl::StatusOr<TenantScope> TenantScope::Resolve(std::shared_ptr<const Table> table,
                                                 const TenantClaim& claim) {
  if (!table->schema().tenant_column()) {
    Ranges ranges;
    for (uint32_t chunk = 0; chunk < table->num_chunks(); ++chunk) {
      const uint32_t num_rows = table->chunk(chunk).num_rows();
      if (num_rows > 0) ranges.push_back({chunk, 0, num_rows});
    }
    return TenantScope(std::move(table), std::move(ranges));
  }
  if (!claim.tenant()) {
    return absl::UnauthenticatedError(
        absl::StrCat("dataset '", table->identity().dataset,
                     "' belongs to tenants, and the request names none"));
  }
  const std::span<const RowRange> ranges = table->tenants().RangesOf(*claim.tenant());
  return TenantScope(std::move(table), Ranges(ranges.begin(), ranges.end()));
}

}  // namespace sextant
