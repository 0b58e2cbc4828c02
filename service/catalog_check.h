#pragma once

#include <string>
#include <vector>

#include "service/catalog/catalog.h"

namespace sextant {

/// Connects to the source of every dataset and checks that it has what the catalogue says, derived
/// columns included. Reads no rows. One line per problem, none when all is well.
std::vector<std::string> CheckAgainstSources(const Catalog& catalog);

}  // namespace sextant
