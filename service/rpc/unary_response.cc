#include "service/rpc/unary_response.h"

#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::Status ResponseTooLarge(const std::string& method, const std::string& allowed) {
  const std::string limit = absl::StrCat(kMaxUnaryResponseBytes);
  return WithDetail(absl::ResourceExhaustedError(absl::StrCat("the answer is larger than ", limit,
                                                              " bytes, the most that ", method,
                                                              " returns; allowed: ", allowed)),
                    {.reason = "RESPONSE_TOO_LARGE", .metadata = {{"limit", limit}}});
}

}  // namespace sextant
