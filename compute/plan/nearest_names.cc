#include "compute/plan/nearest_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sextant {
namespace {

constexpr size_t kMaxComparedBytes = 64;

std::string_view LastPart(std::string_view name) {
  const size_t separator = name.find_last_of("/.");
  return separator == std::string_view::npos ? name : name.substr(separator + 1);
}

}  // namespace

size_t EditDistance(std::string_view left, std::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  for (size_t column = 0; column <= right.size(); ++column) row[column] = column;
  for (size_t i = 0; i < left.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < right.size(); ++j) {
      const bool equal = absl::ascii_tolower(static_cast<unsigned char>(left[i])) ==
                         absl::ascii_tolower(static_cast<unsigned char>(right[j]));
      const size_t replaced = diagonal + (equal ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[right.size()];
}

std::vector<std::string> NearestNames(std::string_view wanted, std::span<const std::string> names,
                                      size_t max_names) {
  const std::string_view compared = wanted.substr(0, kMaxComparedBytes);
  const size_t max_distance = std::max<size_t>(2, compared.size() / 3);
  std::vector<std::pair<size_t, std::string_view>> near;
  for (const std::string& name : names) {
    if (name.size() > 2 * kMaxComparedBytes) continue;
    size_t distance = EditDistance(compared, name);
    // The last part alone is a weaker hint than the whole name, hence + 1.
    const std::string_view last_part = LastPart(name);
    if (last_part.size() < name.size()) {
      distance = std::min(distance, EditDistance(compared, last_part) + 1);
    }
    // Names that share no letter with what was asked for are no help.
    if (distance <= max_distance && distance < compared.size()) near.emplace_back(distance, name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> result;
  for (const auto& [distance, name] : near) {
    if (result.size() == max_names) break;
    result.emplace_back(name);
  }
  return result;
}

std::string ListedNames(std::span<const std::string> names) {
  constexpr size_t kMaxListed = 20;
  if (names.empty()) return "none";
  const std::span<const std::string> listed = names.first(std::min(kMaxListed, names.size()));
  const std::string text =
      absl::StrJoin(listed, ", ", [](std::string* out, const std::string& name) {
        absl::StrAppend(out, name.substr(0, kMaxComparedBytes));
      });
  if (listed.size() == names.size()) return text;
  return absl::StrCat(text, " and ", names.size() - listed.size(), " more");
}

std::string DidYouMean(std::string_view wanted, std::span<const std::string> names) {
  const std::vector<std::string> near = NearestNames(wanted, names);
  if (near.empty()) return "";
  return absl::StrCat("; did you mean '", absl::StrJoin(near, "', '"), "'?");
}

}  // namespace sextant
