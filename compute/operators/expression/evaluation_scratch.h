#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compute/column/chunk.h"
#include "compute/operators/expression/value_vector.h"
#include "compute/operators/predicate_step.h"

namespace sextant {

/// Memory of evaluation, one set per thread, kept from batch to batch. Everything is leased and
/// given back in stack order, which the leases' scopes see to, so that an expression may be
/// evaluated within another. It is not charged to a budget: it does not grow with rows, but with
/// the depth of what is evaluated and the longest texts of a batch.

/// Rows of a batch and where in it they stand.
struct RowList {
  uint32_t rows[kBatchRows];
  uint32_t positions[kBatchRows];
};

/// What the predicates of a condition need.
struct ConditionScratch {
  uint64_t words[BitmapWords(kMaxChunkRows)];
  FilterScratch filter;
};

/// Blocks of bytes that never move. What was allocated since a Mark goes at once.
class TextArena {
 public:
  struct Mark {
    size_t block = 0;
    size_t used = 0;
  };

  /// At least `size_bytes`; the next Allocate may hand out what Shrink left.
  char* Allocate(size_t size_bytes);
  /// Gives back all but the first `size_bytes` of the last Allocate.
  void Shrink(const char* begin, size_t size_bytes);
  Mark mark() const { return {block_, used_}; }
  void Rewind(Mark mark);

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size_bytes = 0;
  };

  std::vector<Block> blocks_;
  size_t block_ = 0;  // in use; those before are full
  size_t used_ = 0;   // of it
};

/// Objects of T, lent in stack order.
template <typename T>
class StackPool {
 public:
  T* Take() {
    if (num_taken_ == objects_.size()) objects_.push_back(std::make_unique_for_overwrite<T>());
    return objects_[num_taken_++].get();
  }
  void GiveBack() {
    --num_taken_;
    if (num_taken_ == 0 && objects_.size() > kKept) objects_.resize(kKept);
  }

 private:
  static constexpr size_t kKept = 32;

  std::vector<std::unique_ptr<T>> objects_;
  size_t num_taken_ = 0;
};

/// This thread's pools.
template <typename T>
StackPool<T>& ThreadPool();
TextArena& ThreadTextArena();

/// A T of this thread's for the scope, with what is in it left over.
template <typename T>
class Lease {
 public:
  Lease() : object_(ThreadPool<T>().Take()) {}
  ~Lease() { ThreadPool<T>().GiveBack(); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  T* const object_;
};

/// Texts computed within the scope are gone after it: for those who start an evaluation, not for
/// its steps.
class TextScope {
 public:
  TextScope() : mark_(ThreadTextArena().mark()) {}
  ~TextScope() { ThreadTextArena().Rewind(mark_); }
  TextScope(const TextScope&) = delete;
  TextScope& operator=(const TextScope&) = delete;

 private:
  const TextArena::Mark mark_;
};

/// Makes `scratch` large enough for `step`.
void FitFilterScratch(const PredicateStep& step, FilterScratch& scratch);

}  // namespace sextant
