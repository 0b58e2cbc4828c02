#include "tests/fuzz/fuzz_target.h"

#include "compute/memory/check.h"

namespace sextant::fuzz {

void CheckRefusal(const absl::Status& status) {
  SEXTANT_CHECK(!status.message().empty());
  SEXTANT_CHECK(!absl::IsInternal(status) && !absl::IsUnknown(status)) << status;
}

}  // namespace sextant::fuzz
