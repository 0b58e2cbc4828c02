#pragma once

#include <cstdint>
#include <span>

#include "absl/container/inlined_vector.h"
#include "compute/column/tenant_scope.h"
#include "compute/kernels/selection.h"
#include "compute/operators/morsel.h"

namespace sextant {

/// The rows of a tenant's scope as morsels, in row order and cut where a range of 2^20 ordinals
/// ends. The only way to rows: it takes a TenantScope and nothing else, so that no path can forget
/// the tenant, and it ANDs the live rows. Immutable, so safe for any thread; keeps the table
/// pinned.
class Scan {
 public:
  /// `range_rows` other than kRangeRows is for tests: float sums are then other ones.
  explicit Scan(TenantScope scope, uint64_t range_rows = kRangeRows);

  const Table& table() const { return scope_.table(); }
  const TenantScope& scope() const { return scope_; }
  /// Ranges that have rows in scope; range i comes before range i + 1.
  uint32_t num_ranges() const { return static_cast<uint32_t>(range_begins_.size() - 1); }
  std::span<const Morsel> MorselsOf(uint32_t range) const {
    return std::span(morsels_).subspan(range_begins_[range],
                                       range_begins_[range + 1] - range_begins_[range]);
  }

  /// Selects the live rows of `morsel`. `words` has room for the bitmap of its chunk; only the
  /// words of the morsel are written.
  Selection Select(const Morsel& morsel, std::span<uint64_t> words) const;

 private:
  void Add(const RowRange& range);

  TenantScope scope_;
  uint64_t range_rows_;
  absl::InlinedVector<Morsel, 8> morsels_;         // one per chunk of the scope, not per row
  absl::InlinedVector<uint32_t, 4> range_begins_;  // num_ranges() + 1
};

}  // namespace sextant
