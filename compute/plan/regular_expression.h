#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace sextant {

/// Writes a regular expression of PostgreSQL (an ARE) as one of RE2 that matches the same texts in
/// the locale C.UTF-8 (rule 7); the dot must match newline. What has no equal there, or means
/// something else, is refused. Letters of any case are spelt out: PostgreSQL matches what towlower
/// and towupper of the letter give, which is not RE2's folding.
/// Errors: INVALID_ARGUMENT that says what was found and what is allowed.
absl::StatusOr<std::string> TranslateRegularExpression(std::string_view pattern,
                                                       bool case_insensitive);

}  // namespace sextant
