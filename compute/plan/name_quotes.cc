#include "compute/plan/name_quotes.h"

#include "absl/strings/str_cat.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

/// Whether `name` is `wanted` but for capitals, which unquoted names lose.
bool NeedsQuotes(std::string_view wanted, std::string_view name) {
  return wanted != name && EditDistance(wanted, name) == 0;
}

}  // namespace

std::string DidYouMeanInText(std::string_view wanted, std::span<const std::string> names) {
  for (const std::string& name : NearestNames(wanted, names)) {
    if (!NeedsQuotes(wanted, name)) continue;
    return absl::StrCat("; did you mean \"", name,
                        "\"? A name with capitals needs the double quotes");
  }
  return DidYouMean(wanted, names);
}

}  // namespace sextant
