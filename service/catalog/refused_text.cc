#include "service/catalog/refused_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr size_t kMaxShownBytes = 200;

std::string Shown(const std::string& text) {
  if (text.size() <= kMaxShownBytes) return absl::StrCat("'", text, "'");
  return absl::StrCat("'", text.substr(0, kMaxShownBytes), "...'");
}

}  // namespace

void ReportRefused(const YamlSection& section, const std::string& key, const std::string& text,
                   const absl::Status& status, const std::string& allowed) {
  constexpr absl::string_view kAllowed = "; allowed: ";
  absl::string_view message = status.message();
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail());
  if (!detail.field.empty()) absl::ConsumePrefix(&message, absl::StrCat(detail.field, ": "));
  std::string place;
  if (detail.position >= 0) {
    place = absl::StrCat(" (at character ", detail.position + 1, ")");
    absl::ConsumeSuffix(&message, place);
  }
  const size_t end = message.find(kAllowed);
  absl::string_view problem = message.substr(0, end);
  absl::ConsumePrefix(&problem, "found ");
  section.Report(key, absl::StrCat(Shown(text), ": ", problem, place),
                 end == absl::string_view::npos
                     ? allowed
                     : std::string(message.substr(end + kAllowed.size())));
}

}  // namespace sextant
