#include "service/rpc/verification_turn.h"

#include <atomic>

#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

std::atomic<bool> g_is_taken{false};

}  // namespace

absl::StatusOr<std::unique_ptr<VerificationTurn>> VerificationTurn::Take() {
  if (g_is_taken.exchange(true)) {
    return WithDetail(absl::ResourceExhaustedError(
                          "another verification runs; allowed: one at a time in this server"),
                      {.reason = "VERIFICATION_RUNNING", .retry_after_s = 5});
  }
  return std::unique_ptr<VerificationTurn>(new VerificationTurn());
}

VerificationTurn::~VerificationTurn() { g_is_taken.store(false); }

}  // namespace sextant
