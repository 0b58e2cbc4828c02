#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "compute/plan/binder.h"
#include "compute/plan/binder/bound_parts.h"
#include "compute/plan/binder/predicate_binder.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// What the parts of a query are bound against: the datasets, and how names shared by all of them
/// (axes, filters) find the column of each (rule 19). Points to what it is made of. Of one thread:
/// what is bound takes from one PartsBudget.
class BindScope {
 public:
  /// REQUIRES: the datasets, zone and limits of `query` are bound, and its datasets do not change.
  BindScope(const BoundQuery& query, int64_t as_of_us, const Dimensions& dimensions);
  BindScope(const BindScope&) = delete;
  BindScope& operator=(const BindScope&) = delete;

  PartsBudget& parts() { return parts_; }
  /// One per dataset of the query.
  std::span<const PredicateContext> contexts() const { return contexts_; }

  /// What `name` is called in dataset `dataset`: of derived rows what they select goes by its own
  /// name; else as the dimension of that name says, else `name`.
  std::string ColumnOf(const std::string& name, size_t dataset) const;
  /// `predicate` with its columns called as in `dataset`.
  Predicate In(Predicate predicate, size_t dataset) const;
  /// BindPredicate of that, in the context of `dataset`.
  absl::StatusOr<BoundPredicate> Bind(const Predicate& predicate, size_t dataset) const;

  /// FAILED_PRECONDITION, with the names that resolve in all, when one of several datasets has no
  /// column for `name`. (Of one dataset: OK; who binds the name knows the nearest ones.)
  absl::Status CheckName(const std::string& name, const std::string& field) const;
  /// The same for every column of `predicate`.
  absl::Status CheckNames(const Predicate& predicate, const std::string& field) const;

 private:
  /// Dimensions and columns that every dataset has, sorted.
  std::vector<std::string> NamesOfAll() const;
  bool IsSelected(const std::string& name, size_t dataset) const;
  bool Resolves(const std::string& name, size_t dataset) const;

  const std::vector<BoundDataset>& datasets_;
  const Dimensions& dimensions_;
  PartsBudget parts_;
  absl::InlinedVector<PredicateContext, 1> contexts_;
};

/// The names of the columns that `predicate` reads, some repeated.
std::vector<std::string> ColumnsOf(const Predicate& predicate);

}  // namespace sextant
