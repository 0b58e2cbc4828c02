#include "compute/memory/memory_refusal.h"

#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sextant {
namespace {

constexpr char kPayloadUrl[] = "sextant/memory-refusal";

}  // namespace

absl::Status WithRefusal(absl::Status status, const MemoryRefusal& refusal) {
  status.SetPayload(
      kPayloadUrl,
      absl::Cord(absl::StrCat(refusal.asked_bytes, " ", refusal.limit_bytes, " ", refusal.budget)));
  return status;
}

std::optional<MemoryRefusal> RefusalOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(*payload), absl::MaxSplits(' ', 2));
  MemoryRefusal refusal;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &refusal.asked_bytes) ||
      !absl::SimpleAtoi(parts[1], &refusal.limit_bytes)) {
    return std::nullopt;
  }
  refusal.budget = parts[2];
  return refusal;
}

}  // namespace sextant
