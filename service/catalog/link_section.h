#pragma once

#include <string>
#include <vector>

#include "compute/column/link.h"
#include "service/catalog/yaml_section.h"
#include "storage/dataset_spec.h"

namespace sextant {

/// The entries of `links:` of a dataset. What is wrong with one is reported.
std::vector<LinkDeclaration> ReadLinks(const YamlSection& dataset, const std::string& name);

/// Reports what is wrong between the datasets that the links of `spec` name: unknown ones, another
/// group, columns that are the key of neither side. `datasets` are all of the catalogue; `dataset`
/// is the section that `spec` was read from, without an error.
void CheckLinks(const YamlSection& dataset, const DatasetSpec& spec,
                const std::vector<const DatasetSpec*>& datasets);

}  // namespace sextant
