#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "compute/column/column_deriver.h"
#include "compute/column/table_linker.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// The DeriverFactory of the service: brings the `derived:` entries of a dataset, which storage
/// declares, to the evaluation, which compute does. Null when there are none.
/// Errors: INVALID_ARGUMENT for an entry that does not fit the schema.
absl::StatusOr<std::shared_ptr<const ColumnDeriver>> MakeDeriver(const DatasetSpec& spec,
                                                                 const Schema& source_schema);

/// The links that datasets declare, likewise. Null where none declares one.
std::shared_ptr<const TableLinker> MakeLinker(const StorageSpec& storage);

}  // namespace sextant
