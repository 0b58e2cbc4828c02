#pragma once

#include <string>

#include "absl/status/status.h"
#include "service/catalog/yaml_section.h"

namespace sextant {

/// Reports `text`, which `key` of `section` holds and which `status` refuses: "found 'TEXT': what
/// is wrong (at character 3), allowed: ...", each once. `allowed` is told when `status` names
/// nothing. REQUIRES: !status.ok().
void ReportRefused(const YamlSection& section, const std::string& key, const std::string& text,
                   const absl::Status& status, const std::string& allowed);

}  // namespace sextant
