#pragma once

#include <string_view>

namespace sextant {

/// Whether `word`, in lower case, is a keyword of PostgreSQL 15 that is more than a name: reserved,
/// or with syntax of its own. Thread-safe.
bool IsSyntaxKeyword(std::string_view word);

}  // namespace sextant
