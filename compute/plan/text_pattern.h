#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "compute/plan/bound_query.h"

namespace sextant {

/// The pattern of a PatternLeaf, compiled. Means what PostgreSQL means by it in the locale C.UTF-8
/// (rule 7). Immutable, so safe for any thread.
class TextPattern {
 public:
  static constexpr size_t kMaxPatternBytes = 1024;

  virtual ~TextPattern() = default;

  /// Errors: INVALID_ARGUMENT for a pattern longer than kMaxPatternBytes, for a LIKE that ends with
  /// its escape character, and for a regular expression that is none or has what RE2 does not know
  /// or reads otherwise: lookaround, back references, \m \M \y, embedded options.
  static absl::StatusOr<std::shared_ptr<const TextPattern>> Compile(const PatternLeaf& leaf);

  /// Linear in the text for regular expressions; LIKE: in the text times the pattern at worst.
  virtual bool Matches(std::string_view text) const = 0;
};

}  // namespace sextant
