#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compute/exec/result.h"

namespace sextant {

/// One form for values of either side, so that equal texts are equal values. nullopt is NULL.

/// A value of the engine's answer.
std::optional<std::string> TextOfResult(const ResultValues& values, uint32_t row);

/// The same value as PostgreSQL prints it in a session of UTC and ISO dates, lists element by
/// element. Errors: INVALID_ARGUMENT when it is no text of `type`: never the request's fault.
absl::StatusOr<std::string> TextOfSource(const DataType& type, const std::string& text);

/// The double of a float's text, of either side.
double FloatOfText(const std::string& text);

}  // namespace sextant
