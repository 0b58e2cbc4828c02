#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compute/column/link.h"
#include "compute/column/table_linker.h"

namespace sextant {

/// What links bring to a dataset.
struct LinkSection {
  std::vector<LinkDeclaration> links;
  std::vector<ChildDeclaration> children = {};
};

/// Links tables as a catalogue declares: finds the linked rows of every row once, and adds the
/// columns that come through links as columns of their own, so that everything that reads columns
/// reads them at full speed. What the tables hold already is shared, not copied.
class GroupLinker final : public TableLinker {
 public:
  /// By dataset; those that are not named declare nothing.
  explicit GroupLinker(std::map<std::string, LinkSection> sections);

  absl::StatusOr<std::vector<std::shared_ptr<const Table>>> Link(
      std::vector<std::shared_ptr<const Table>> tables, MemoryBudget& budget) const override;

 private:
  const std::map<std::string, LinkSection> sections_;
};

}  // namespace sextant
