#include "compute/plan/binder/result_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "compute/plan/error_detail.h"

namespace sextant {

absl::Status CheckResultName(const std::string& name, const std::string& field) {
  if (name.empty() || name.size() > kMaxResultNameBytes) {
    return FieldError(field, absl::StrCat("a name of ", name.size(), " bytes; allowed: 1 to ",
                                          kMaxResultNameBytes));
  }
  const auto control = std::find_if(name.begin(), name.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (control == name.end()) return absl::OkStatus();
  return FieldError(field,
                    absl::StrCat("a name with the control character ",
                                 absl::Hex(static_cast<unsigned char>(*control), absl::kZeroPad2),
                                 " (hexadecimal) as byte ", control - name.begin() + 1,
                                 "; allowed: names without control characters"));
}

}  // namespace sextant
