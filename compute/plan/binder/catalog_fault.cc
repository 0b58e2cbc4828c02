#include "compute/plan/binder/catalog_fault.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::Status InCatalog(const absl::Status& status, const std::string& field,
                       const std::string& entry) {
  absl::Status told = status;
  absl::string_view message = status.message();
  if (absl::ConsumePrefix(&message, field)) {
    absl::ConsumePrefix(&message, ".");
    absl::ConsumePrefix(&message, ": ");
    told = absl::Status(status.code(), absl::StrCat(entry, ": ", message));
  }
  std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail.has_value()) return told;
  if (absl::StartsWith(detail->field, field)) {
    detail->field = field;
    detail->position = -1;
  }
  return WithDetail(std::move(told), *detail);
}

}  // namespace sextant
