#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "compute/memory/memory_budget.h"

namespace sextant {

class Table;

/// Rows [begin, end) of chunk `chunk`.
struct RowRange {
  uint32_t chunk = 0;
  uint32_t begin = 0;
  uint32_t end = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

/// The rows of each tenant, as ranges in row order. A tenant is known by the text that PostgreSQL
/// prints for its value
/// ("42", "acme", "5f0c..."). Rows with a NULL tenant belong to nobody. The bytes are charged to
/// the budget: rows that come unclustered make many ranges. Built by TableBuilder; immutable
/// afterwards.
class TenantIndex {
 public:
  /// Of a dataset without a tenant column: nobody's rows.
  TenantIndex() = default;
  explicit TenantIndex(MemoryBudget& budget) : reservation_(budget) {}

  /// Extends the last range of `tenant` where it touches. Errors: RESOURCE_EXHAUSTED.
  /// REQUIRES: constructed with a budget; ranges of one tenant come in row order.
  absl::Status Add(std::string_view tenant, RowRange range);
  std::span<const RowRange> RangesOf(std::string_view tenant) const;
  /// Calls `visit(tenant, ranges)` for each, in no order.
  template <typename Visit>
  void ForEachTenant(Visit visit) const {
    for (const auto& [tenant, ranges] : ranges_) visit(tenant, std::span<const RowRange>(ranges));
  }
  size_t num_tenants() const { return ranges_.size(); }
  size_t reserved_bytes() const { return reservation_.bytes(); }

 private:
  MemoryReservation reservation_;
  absl::flat_hash_map<std::string, std::vector<RowRange>>
      ranges_;  // charged to reservation_ by Add
};

/// Who asks. Made by service/admission from the request's identity, by tests and tools on their own
/// authority.
class TenantClaim {
 public:
  /// Reaches datasets without tenants only.
  static TenantClaim None() { return TenantClaim(std::nullopt); }
  static TenantClaim Of(std::string tenant) { return TenantClaim(std::move(tenant)); }
  const std::optional<std::string>& tenant() const { return tenant_; }

 private:
  explicit TenantClaim(std::optional<std::string> tenant) : tenant_(std::move(tenant)) {}
  std::optional<std::string> tenant_;
};

/// The rows of a pinned version that a claim reaches. A scan takes nothing else, so that no path
/// can forget the tenant. Immutable; keeps the version pinned.
class TenantScope {
 public:
  /// All rows when the dataset has no tenant column (whatever the claim); the claimed tenant's rows
  /// when it has one: none for a tenant it does not know, which is not told from a tenant without
  /// rows. Errors: UNAUTHENTICATED when the dataset has a tenant column and the claim names no
  /// tenant.
  static absl::StatusOr<TenantScope> Resolve(std::shared_ptr<const Table> table,
                                             const TenantClaim& claim);

  const Table& table() const { return *table_; }
  const std::shared_ptr<const Table>& shared_table() const { return table_; }
  /// In row order, none empty.
  std::span<const RowRange> ranges() const { return ranges_; }
  /// Deleted rows included.
  uint64_t num_rows() const { return num_rows_; }

 private:
  /// Not row-proportional: one per chunk of a tenant.
  using Ranges = absl::InlinedVector<RowRange, 8>;

  TenantScope(std::shared_ptr<const Table> table, Ranges ranges);

  std::shared_ptr<const Table> table_;
  Ranges ranges_;
  uint64_t num_rows_ = 0;
};

}  // namespace sextant
