#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/config/server_config.h"

namespace sextant {

struct CommandLine {
  enum class Action { kServe, kCheck, kPrintText };
  Action action = Action::kServe;
  ServerConfig config = {};
  /// kPrintText: the help or the version.
  std::string text = {};
};

/// Reads the arguments of sextantd, the program's name not among them, and the file that --config
/// names. Errors: INVALID_ARGUMENT that says what is wrong and how to get help.
absl::StatusOr<CommandLine> ParseCommandLine(std::vector<std::string> arguments);

}  // namespace sextant
