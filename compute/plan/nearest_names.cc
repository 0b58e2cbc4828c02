#include "compute/plan/nearest_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

constexpr size_t kMaxComparedBytes = 64;

std::string_view LastPart(std::string_view name) {
  const size_t separator = name.find_last_of("/.");
  return separator == std::string_view::npos ? name : name.substr(separator + 1);
}

bool StartsWithLetterOf(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() &&
         absl::ascii_tolower(static_cast<unsigned char>(a[0])) ==
             absl::ascii_tolower(static_cast<unsigned char>(b[0]));
}

/// Whether `name` begins with `wanted`, or a word of it does: "ordered" of "ordered_at", "address"
/// of "ship_address". Three letters are in too many names.
bool IsPartOf(std::string_view wanted, std::string_view name) {
  constexpr size_t kMinLetters = 4;
  if (wanted.size() < kMinLetters) return false;
  const std::string lower_name = absl::AsciiStrToLower(ToAbsl(name));
  const size_t begin = lower_name.find(absl::AsciiStrToLower(ToAbsl(wanted)));
  return begin == 0 || (begin != std::string::npos && name[begin - 1] == '_');
}

/// In a short word a letter or two make another word: its first letter must be right ("pow" is no
/// "now"), and of three letters one other may be wrong.
bool IsNear(std::string_view wanted, std::string_view name, size_t distance) {
  constexpr size_t kShortWord = 5;
  if (IsPartOf(wanted, name)) return true;
  if (distance >= wanted.size()) return false;
  if (wanted.size() > kShortWord) return distance <= std::max<size_t>(2, wanted.size() / 3);
  if (!StartsWithLetterOf(wanted, name)) return false;
  const bool is_beginning = EditDistance(wanted, name.substr(0, wanted.size())) == 0;
  return distance <= (wanted.size() < 4 && !is_beginning ? 1 : 2);
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
  std::vector<std::pair<size_t, std::string_view>> near;
  for (const std::string& name : names) {
    if (name.size() > 2 * kMaxComparedBytes || name == wanted) continue;
    const size_t distance = EditDistance(compared, name);
    if (IsNear(compared, name, distance)) near.emplace_back(distance, name);
    // The last part alone is a weaker hint than the whole name, hence + 1.
    const std::string_view last_part = LastPart(name);
    if (last_part.size() == name.size()) continue;
    const size_t part_distance = EditDistance(compared, last_part) + 1;
    if (!IsNear(compared, last_part, part_distance)) continue;
    if (near.empty() || near.back().second != name) {
      near.emplace_back(part_distance, name);
    } else {
      near.back().first = std::min(near.back().first, part_distance);
    }
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
