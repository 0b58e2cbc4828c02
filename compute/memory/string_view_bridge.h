#pragma once

/// Debian's Abseil is built for C++14, so its absl::string_view is a type of its own and converts
/// to std::string_view in neither direction where a template must deduce it. Our own interfaces
/// use std::string_view; every call into Abseil passes through here. Cost: none.

#include <string_view>

#include "absl/strings/string_view.h"

namespace sextant {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace sextant
