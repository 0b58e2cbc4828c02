#include "compute/plan/expression_parser/expression_scanner.h"

#include <pg_query.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/error_detail.h"
#include "compute/plan/expression_parser.h"

namespace sextant {
namespace {

// Token numbers of pg_query.proto; characters are their own number.
constexpr int kLastConstant = 266;  // 260 to 264 and 266: all kinds of constants
constexpr int kOperator = 265;
constexpr int kIntegerConstant = 266;
constexpr int kParameter = 267;
constexpr int kSqlComment = 275;
constexpr int kCComment = 276;

/// Reads the protobuf wire format, of which pg_query_scan's result needs varints and messages only.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool AtEnd() const { return rest_.empty(); }

  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      SEXTANT_CHECK(!rest_.empty());
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) break;
    }
    return value;
  }

  std::string_view Message() {
    const uint64_t size = Varint();
    SEXTANT_CHECK(size <= rest_.size());
    const std::string_view message = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return message;
  }

 private:
  std::string_view rest_;
};

/// A tag is field number * 8 + wire type; type 0 is a varint, 2 a message.
constexpr uint64_t kTokensTag = 2 * 8 + 2;
constexpr uint64_t kStartTag = 1 * 8;
constexpr uint64_t kEndTag = 2 * 8;
constexpr uint64_t kKindTag = 4 * 8;
constexpr uint64_t kKeywordTag = 5 * 8;

ExpressionToken ReadToken(std::string_view message) {
  ExpressionToken token;
  WireReader reader(message);
  while (!reader.AtEnd()) {
    const uint64_t tag = reader.Varint();
    const uint64_t value = reader.Varint();
    if (tag == kStartTag) token.start = static_cast<uint32_t>(value);
    if (tag == kEndTag) token.end = static_cast<uint32_t>(value);
    if (tag == kKindTag) token.kind = static_cast<int32_t>(value);
    if (tag == kKeywordTag) token.is_keyword = value != 0;
  }
  return token;
}

std::vector<ExpressionToken> ReadTokens(std::string_view message) {
  std::vector<ExpressionToken> tokens;
  WireReader reader(message);
  while (!reader.AtEnd()) {
    if (reader.Varint() == kTokensTag) {
      tokens.push_back(ReadToken(reader.Message()));
    } else {
      reader.Varint();  // the version
    }
  }
  return tokens;
}

/// The byte offset of the first byte that is not part of valid UTF-8 (RFC 3629), if there is one.
std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<uint8_t>(text[at]);
    size_t length = 1;
    uint32_t code = byte;
    if (byte >= 0xF0) {
      length = 4;
      code = byte & 0x07;
    } else if (byte >= 0xE0) {
      length = 3;
      code = byte & 0x0F;
    } else if (byte >= 0xC0) {
      length = 2;
      code = byte & 0x1F;
    } else if (byte >= 0x80) {
      return at;
    }
    if (byte > 0xF4 || at + length > text.size()) return at;
    for (size_t i = 1; i < length; ++i) {
      const auto next = static_cast<uint8_t>(text[at + i]);
      if ((next & 0xC0) != 0x80) return at;
      code = code << 6 | (next & 0x3F);
    }
    constexpr uint32_t kSmallestCode[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallestCode[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
      return at;
    }
    at += length;
  }
  return std::nullopt;
}

/// PostgreSQL's scanner reads a run of operator characters anew for each operator or comment that
/// it finds in it: 16 KiB of them would take it half a second.
constexpr size_t kMaxOperatorRun = 1024;

std::optional<size_t> FindLongOperatorRun(std::string_view text) {
  constexpr std::string_view kOperatorCharacters = "~!@#^&|`?+-*/%<>=";
  size_t run_start = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (kOperatorCharacters.find(text[at]) == std::string_view::npos) run_start = at + 1;
    if (at + 1 - run_start > kMaxOperatorRun) return run_start;
  }
  return std::nullopt;
}

absl::Status CheckBytes(std::string_view text, const std::string& field) {
  if (text.size() > kMaxExpressionBytes) {
    return FieldError(field, absl::StrCat("expression of ", text.size(), " bytes; ",
                                          kMaxExpressionBytes, " are allowed"));
  }
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return FieldError(field, "expression contains a zero byte, which PostgreSQL does not allow",
                      ScannedExpression::CharacterOffset(text, zero));
  }
  if (const std::optional<size_t> invalid = FindInvalidUtf8(text)) {
    return FieldError(field, "expression is not valid UTF-8",
                      ScannedExpression::CharacterOffset(text, *invalid));
  }
  if (const std::optional<size_t> run = FindLongOperatorRun(text)) {
    return FieldError(field,
                      absl::StrCat("more than ", kMaxOperatorRun,
                                   " operator characters in a row, which are the most allowed"),
                      ScannedExpression::CharacterOffset(text, *run));
  }
  return absl::OkStatus();
}

bool CountsAsOperator(const ExpressionToken& token) {
  if (token.is_keyword) return true;
  if (token.kind >= kIdentifierToken && token.kind <= kLastConstant) return token.kind == kOperator;
  if (token.kind == kSqlComment || token.kind == kCComment) return false;
  return token.kind != '(' && token.kind != ')' && token.kind != ',' && token.kind != '.';
}

absl::Status CheckTokens(const ScannedExpression& scanned, const std::string& field) {
  int num_operators = 0;
  int depth = 0;
  for (const ExpressionToken& token : scanned.tokens()) {
    const auto refuse = [&](const std::string& message) {
      return FieldError(field, message, scanned.CharacterAt(token.start));
    };
    if (token.kind == ';') return refuse("found ';'; allowed: exactly one expression");
    if (token.kind == kParameter) {
      return refuse(absl::StrCat("found the parameter ", ToAbsl(scanned.TextOf(token)),
                                 "; allowed: constants"));
    }
    if (token.kind == '(' || token.kind == '[') ++depth;
    if (token.kind == ')' || token.kind == ']') --depth;
    if (depth > kMaxBracketDepth) {
      return refuse(absl::StrCat("brackets nest more than ", kMaxBracketDepth,
                                 " deep, which is the most that is allowed"));
    }
    if (CountsAsOperator(token) && ++num_operators > kMaxExpressionTokens) {
      return refuse(absl::StrCat("expression has more than ", kMaxExpressionTokens,
                                 " operators and keywords, which are the most that are allowed"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

ScannedExpression::ScannedExpression(std::string text, std::vector<ExpressionToken> tokens)
    : text_(std::move(text)), tokens_(std::move(tokens)) {}

std::string ScannedExpression::IntegerAt(size_t byte_offset) const {
  bool negative = false;
  for (const ExpressionToken& token : tokens_) {
    if (token.start < byte_offset) continue;
    if (token.kind == '-') negative = !negative;
    if (token.kind == kIntegerConstant) {
      return absl::StrCat(negative ? "-" : "", ToAbsl(TextOf(token)));
    }
  }
  return "";
}

int ScannedExpression::FindKeyword(std::string_view lower_case) const {
  for (const ExpressionToken& token : tokens_) {
    if (token.is_keyword && absl::EqualsIgnoreCase(ToAbsl(TextOf(token)), ToAbsl(lower_case))) {
      return static_cast<int>(token.start);
    }
  }
  return -1;
}

int ScannedExpression::CharacterOffset(std::string_view text, size_t byte_offset) {
  const std::string_view before = text.substr(0, byte_offset);
  return static_cast<int>(std::count_if(before.begin(), before.end(), [](char byte) {
    return (static_cast<uint8_t>(byte) & 0xC0) != 0x80;
  }));
}

std::string_view Excerpt(std::string_view text) {
  constexpr size_t kMaxBytes = 200;
  if (text.size() <= kMaxBytes) return text;
  size_t end = kMaxBytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void PreparePgQueryOnThisThread() {
  thread_local bool prepared = false;
  if (prepared) return;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  pg_query_free_scan_result(pg_query_scan(""));
  prepared = true;
}

absl::StatusOr<ScannedExpression> ScanExpression(std::string_view text, const std::string& field) {
  if (absl::Status status = CheckBytes(text, field); !status.ok()) return status;
  PreparePgQueryOnThisThread();
  std::string owned_text(text);
  const PgQueryScanResult result = pg_query_scan(owned_text.c_str());
  if (result.error != nullptr) {
    const std::string message(Excerpt(result.error->message));
    const int position = std::max(result.error->cursorpos - 1, 0);
    pg_query_free_scan_result(result);
    return FieldError(field, message, position);
  }
  std::vector<ExpressionToken> tokens = ReadTokens({result.pbuf.data, result.pbuf.len});
  pg_query_free_scan_result(result);
  ScannedExpression scanned(std::move(owned_text), std::move(tokens));
  if (scanned.tokens().empty()) {
    return FieldError(field, "the expression is empty; allowed: exactly one expression", 0);
  }
  if (absl::Status status = CheckTokens(scanned, field); !status.ok()) return status;
  return scanned;
}

}  // namespace sextant
