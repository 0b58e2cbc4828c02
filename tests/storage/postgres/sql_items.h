#pragma once

#include <memory>
#include <string>

#include "compute/column/table.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// A table `items` with columns of every type that the language computes with, in a PostgreSQL of
/// the test's own, loaded as the dataset "d". Made on first use.
struct SqlItems {
  static const SqlItems& Get();

  std::string conninfo;
  DatasetSpec spec;
  std::shared_ptr<const Table> table;
};

}  // namespace sextant
