#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sextant {

/// Elements of an array; nullopt is NULL.
using ArrayElements = std::vector<std::optional<std::string>>;

/// `{a,NULL,"b c"}`, as PostgreSQL writes an array of one dimension: different elements give
/// different texts. Thread-safe.
std::string ArrayText(const ArrayElements& elements);

/// The elements of such a text; nullopt when it is none, as one of several dimensions. Thread-safe.
std::optional<ArrayElements> ParseArrayText(std::string_view text);

}  // namespace sextant
