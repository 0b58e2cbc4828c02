#pragma once

#include <string>

#include "absl/status/status.h"

namespace sextant {

/// An error of `field` that is not the request's but the catalogue's: a message that begins with
/// `field` begins with `entry` ("catalogue metric 'm'") instead, and its position is one in the
/// catalogue's text. The detail's field is `field`, where the request names the entry. Other
/// messages stay as they are: an entry within has told already. REQUIRES: !status.ok().
absl::Status InCatalog(const absl::Status& status, const std::string& field,
                       const std::string& entry);

}  // namespace sextant
