#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "compute/column/column.h"
#include "compute/column/dictionary.h"
#include "compute/column/schema.h"

namespace sextant {

/// The derived columns of one load, chunk after chunk: a dictionary of theirs lasts for the whole
/// load. Thread-safety: none; one load thread owns it.
class DerivedColumns {
 public:
  virtual ~DerivedColumns() = default;

  /// The chunk's columns in the order of the source schema, and the dictionary of each: of a column
  /// of codes, or of a list of them; else null.
  struct Sources {
    std::span<const std::shared_ptr<const Column>> columns;
    std::span<const std::shared_ptr<const Dictionary>> dictionaries;
  };
  /// One column per field, each with as many rows as the sources. Values that cannot be computed
  /// (overflow) are NULL. Errors: RESOURCE_EXHAUSTED from the budget; then only destruction is
  /// allowed.
  virtual absl::StatusOr<std::vector<std::shared_ptr<const Column>>> Derive(
      const Sources& sources) = 0;
  /// Makes codes of an earlier column of field `index`, of bytes. REQUIRES: it is not one of the
  /// sources, and the last Derive made codes.
  virtual absl::StatusOr<std::shared_ptr<const Column>> Recode(size_t index,
                                                               const Column& derived) = 0;
  /// Of the columns of field `index`, after the first Derive: null where there is none.
  virtual std::shared_ptr<const Dictionary> dictionary(size_t index) const = 0;
};

/// Computes the `derived:` columns of a dataset while its chunks are sealed. The interface lies
/// here so that a load can use it without knowing evaluation; compute/exec implements it, service
/// injects it. Thread-safety: const methods may be called from any thread.
class ColumnDeriver {
 public:
  virtual ~ColumnDeriver() = default;

  /// The derived fields, in the order of Derive's result; their names are not among the source's.
  virtual std::span<const Field> fields() const = 0;
  /// `budget` must outlive the load, this too.
  virtual std::unique_ptr<DerivedColumns> StartLoad(MemoryBudget& budget) const = 0;
};

}  // namespace sextant
