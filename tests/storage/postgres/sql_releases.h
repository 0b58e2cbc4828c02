#pragma once

#include "compute/plan/binder.h"
#include "tests/storage/postgres/sql_items.h"

namespace sextant {

/// A table `releases` in the database of SqlItems::Get(), loaded as the dataset "releases": with
/// some of its authors and others, in other types of the same kind. Made on first use.
const SqlItems& SqlReleases();

/// What columns of the items and the releases are called together: person, id, at.
Dimensions DimensionsOfReleases();

}  // namespace sextant
