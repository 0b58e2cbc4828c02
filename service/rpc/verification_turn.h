#pragma once

#include <memory>

#include "absl/status/statusor.h"

namespace sextant {

/// The right to verify, of which there is one in this process: each verification loads its datasets
/// whole. Given back on destruction. Thread-safe.
class VerificationTurn {
 public:
  /// Errors: RESOURCE_EXHAUSTED with ErrorDetail{reason VERIFICATION_RUNNING, retry_after_s}.
  static absl::StatusOr<std::unique_ptr<VerificationTurn>> Take();
  ~VerificationTurn();
  VerificationTurn(const VerificationTurn&) = delete;
  VerificationTurn& operator=(const VerificationTurn&) = delete;

 private:
  VerificationTurn() = default;
};

}  // namespace sextant
