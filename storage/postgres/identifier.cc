#include "storage/postgres/identifier.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sextant {
namespace {

std::string Doubled(std::string_view text, char quote) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  quoted.push_back(quote);
  for (const char c : text) {
    if (c == quote) quoted.push_back(quote);
    quoted.push_back(c);
  }
  quoted.push_back(quote);
  return quoted;
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) { return Doubled(name, '"'); }

std::string QuoteLiteral(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return Doubled(text, '\'');
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  return " E" + Doubled(escaped, '\'');
}

std::string OidArrayText(const std::vector<uint32_t>& oids) {
  return absl::StrCat("{", absl::StrJoin(oids, ","), "}");
}

std::string SourceRelation::Quoted() const {
  return QuoteIdentifier(schema) + "." + QuoteIdentifier(name);
}

std::string SourceRelation::ForMessage() const { return schema + "." + name; }

}  // namespace sextant
