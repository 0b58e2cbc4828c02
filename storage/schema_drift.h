#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compute/column/schema.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// The columns of a published schema that came from the source, in order: all but the `derived:`
/// ones and those of linked rows.
std::vector<Field> SourceFields(const DatasetSpec& spec, const Schema& published);

/// Whether a source that now gives `now` still has every column of `published_fields` with its
/// type. Columns that came in addition, nullability and the labels of enums may differ: each
/// version carries its own schema. Errors: FAILED_PRECONDITION that names every column that is
/// gone or has another type.
absl::Status CheckDrift(const std::vector<Field>& published_fields, const Schema& now);

}  // namespace sextant
