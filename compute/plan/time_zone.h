#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace sextant {

/// Returns the IANA time zone called `name` from the zoneinfo database of the machine (the folder
/// of $TZDIR, else /usr/share/zoneinfo). "UTC" needs no database.
///
/// Only names of the database are zones: absolute paths, "file:", "..", "localtime", fixed offsets
/// ("+02:00"), abbreviations and the leap second variants ("right/...") are not.
/// Errors:  INVALID_ARGUMENT with the name and the nearest names.
/// Cost:    one look-up in a cache after the first use of a zone. Thread-safe.
absl::StatusOr<absl::TimeZone> FindTimeZone(std::string_view name);

/// Returns the release of the zoneinfo database ("2026f"), or "unknown" when it does not say.
/// Read once. Thread-safe.
const std::string& TimeZoneDatabaseVersion();

}  // namespace sextant
