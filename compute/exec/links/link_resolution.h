#pragma once

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "compute/column/table_links.h"
#include "compute/exec/links/key_numbers.h"

namespace sextant {

/// Finds for each row of `from` the row of `to` that has its key. Errors: FAILED_PRECONDITION when
/// two rows of `to` (of one tenant) have the same, "rows 3 and 7 .."; those of NumberKeys.
absl::StatusOr<std::shared_ptr<const LinkRows>> ResolveOne(const KeyColumns& from,
                                                           const KeyColumns& to,
                                                           MemoryBudget& budget);

/// Finds for each row of `from` all rows of `to` that have its key. Errors: RESOURCE_EXHAUSTED from
/// `budget`, and for 2^32 - 1 pairs or more.
absl::StatusOr<std::shared_ptr<const LinkRows>> ResolveMany(const KeyColumns& from,
                                                            const KeyColumns& to,
                                                            MemoryBudget& budget);

/// The rows that the rows of `first` lead to by `second`, each once. REQUIRES: both are kMany, and
/// `second` is from what `first` is to. Errors: as ResolveMany.
absl::StatusOr<std::shared_ptr<const LinkRows>> JoinLinks(const LinkRows& first,
                                                          const LinkRows& second,
                                                          MemoryBudget& budget);

}  // namespace sextant
