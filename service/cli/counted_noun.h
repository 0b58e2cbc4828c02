#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "service/cli/text_format.h"

namespace sextant {

/// "1 cell", "5,000 cells", for people.
inline std::string Counted(int64_t count, const char* noun) {
  return absl::StrCat(HumanInteger(count), " ", noun, count == 1 ? "" : "s");
}

}  // namespace sextant
