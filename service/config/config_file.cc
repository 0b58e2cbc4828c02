#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "service/config/server_config.h"

namespace sextant {
namespace {

absl::Status ErrorAt(const std::string& path, const YAML::Mark& mark, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ":", mark.line + 1, ": ", what));
}

absl::Status ReadOptions(const std::string& path, const YAML::Node& root, ServerConfig& config) {
  if (root.IsNull()) return absl::OkStatus();
  if (!root.IsMap()) return ErrorAt(path, root.Mark(), "found no mapping, allowed: key: value");
  for (const auto& entry : root) {
    const std::string key = entry.first.Scalar();
    if (!entry.second.IsScalar()) {
      return ErrorAt(path, entry.first.Mark(),
                     absl::StrCat(key, ": found no single value, allowed: one"));
    }
    const absl::Status status = SetOption(key, entry.second.Scalar(), config);
    if (!status.ok()) return ErrorAt(path, entry.first.Mark(), status.message());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadConfigFile(const std::string& path, ServerConfig& config) {
  try {
    return ReadOptions(path, YAML::LoadFile(path), config);
  } catch (const YAML::BadFile&) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  } catch (const YAML::Exception& error) {
    return ErrorAt(path, error.mark, error.msg);
  }
}

}  // namespace sextant
