#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compute/column/link.h"
#include "compute/exec/links/group_linker.h"
#include "tests/testing/table_of.h"

namespace sextant {

/// `tables` linked as `links` of datasets declare. Ends the test program where they do not fit.
inline std::vector<std::shared_ptr<const Table>> LinkedTablesOf(
    std::vector<std::shared_ptr<const Table>> tables,
    const std::vector<std::pair<std::string, LinkDeclaration>>& links) {
  std::map<std::string, LinkSection> sections;
  for (const auto& [dataset, link] : links) sections[dataset].links.push_back(link);
  return GroupLinker(std::move(sections)).Link(std::move(tables), TestBudget()).value();
}

}  // namespace sextant
