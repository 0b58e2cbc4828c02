#include "service/admission/identity.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::StatusOr<TenantClaim> ClaimFromMetadata(const std::vector<std::string_view>& values) {
  if (values.empty()) return TenantClaim::None();
  const std::string field = absl::StrCat("metadata ", kTenantMetadata);
  if (values.size() > 1) {
    return FieldError(field, absl::StrCat("found ", values.size(), " values, allowed: one"));
  }
  if (values[0].empty() || values[0].size() > kMaxTenantBytes) {
    return FieldError(
        field, absl::StrCat("found ", values[0].size(), " bytes, allowed: 1 to ", kMaxTenantBytes));
  }
  return TenantClaim::Of(std::string(values[0]));
}

}  // namespace sextant
