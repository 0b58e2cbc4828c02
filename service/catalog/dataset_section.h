#pragma once

#include <map>
#include <string>

#include "service/catalog/yaml_section.h"

namespace sextant {

/// Reads one entry of `sources:`. `${NAME}` in conninfo is replaced from `environment`; a name that
/// is not there is reported, a value never. Without an environment (nullptr) it stays as it is.
SourceSpec ReadSource(const YamlSection& section,
                      const std::map<std::string, std::string>* environment);

/// Reads one entry of `datasets:`, as far as it alone can be judged.
DatasetSpec ReadDataset(const YamlSection& section);

/// Reads one entry of `groups:`.
GroupSpec ReadGroup(const YamlSection& section);

/// Names of sources, datasets, groups and derived columns: letters, digits, '_' and '-', a letter
/// first, at most 63.
void CheckName(const YamlSection& section, const std::string& key);

}  // namespace sextant
