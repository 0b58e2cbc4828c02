#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sextant {

/// Returns the number of single-byte insertions, deletions and replacements that turn `left` into
/// `right` (Levenshtein 1966), ASCII case ignored. Cost: O(|left| * |right|).
size_t EditDistance(std::string_view left, std::string_view right);

/// Returns up to `max_names` of `names` that a person may have meant by `wanted`, nearest first and
/// ties by name: at most a third of its letters (at least two; fewer of short words) differ, or a
/// name or a word of it begins with its four letters or more ("ordered" for "ordered_at"), or it is
/// the part of a name after the last '/' or '.' ("Berlin" for "Europe/Berlin"). Never `wanted`
/// itself. May be empty.
/// Cost: one edit distance per name, of at most 64 bytes of `wanted`. Thread-safe.
std::vector<std::string> NearestNames(std::string_view wanted, std::span<const std::string> names,
                                      size_t max_names = 3);

/// Returns "; did you mean 'a', 'b'?" for an error message, or "" when nothing is near.
std::string DidYouMean(std::string_view wanted, std::span<const std::string> names);

/// Returns the first 20 of `names`, each cut at 64 bytes, and how many more there are; "none" of
/// none. For the part of an error message that says what is allowed.
std::string ListedNames(std::span<const std::string> names);

}  // namespace sextant
