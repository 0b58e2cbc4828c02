#pragma once

#include <string_view>

namespace sextant {

/// What this binary was built from: for `--version`, the first log line and the metric
/// sextant_build_info. Constant; the texts live as long as the process.
struct BuildInfo {
  std::string_view version;     ///< of the CMake project, "0.1.0"
  std::string_view revision;    ///< git commit, 12 digits, with "-dirty"; "unknown" without git
  std::string_view compiler;    ///< "GNU 12.2.0"
  std::string_view build_type;  ///< "Release", "Debug"
};

const BuildInfo& GetBuildInfo();

}  // namespace sextant
