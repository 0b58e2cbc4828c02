#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace sextant {

/// The kind of a name, quoted or not, that is no keyword.
inline constexpr int32_t kIdentifierToken = 258;

/// A token of PostgreSQL's scanner: bytes [start, end) of the text.
struct ExpressionToken {
  uint32_t start = 0;
  uint32_t end = 0;
  int32_t kind = 0;  // PostgreSQL's number of the token
  bool is_keyword = false;
};

/// Expression text that the scanner has taken apart and that is within the limits of rule 24.
/// Immutable after ScanExpression; safe for any thread.
class ScannedExpression {
 public:
  /// REQUIRES: text is valid UTF-8.
  ScannedExpression(std::string text, std::vector<ExpressionToken> tokens);

  const std::string& text() const { return text_; }
  const std::vector<ExpressionToken>& tokens() const { return tokens_; }

  std::string_view TextOf(const ExpressionToken& token) const {
    return std::string_view(text_).substr(token.start, token.end - token.start);
  }
  /// The offset in characters of the character that holds byte `byte_offset`; offsets past the end
  /// are the end.
  int CharacterAt(size_t byte_offset) const { return CharacterOffset(text_, byte_offset); }
  /// The first integer constant at or after `byte_offset` with the minus signs before it applied:
  /// libpg_query 15's JSON leaves out negative integers. Empty if there is none.
  std::string IntegerAt(size_t byte_offset) const;
  /// The byte offset of the first keyword `lower_case`, or -1.
  int FindKeyword(std::string_view lower_case) const;

  static int CharacterOffset(std::string_view text, size_t byte_offset);

 private:
  std::string text_;
  std::vector<ExpressionToken> tokens_;
};

/// Takes `text` apart with PostgreSQL's scanner and checks the limits that keep its recursive
/// parser safe, before that parser sees anything (rule 24): bytes, operator and keyword tokens
/// (every token but names, constants, commas, dots and round brackets), bracket depth. Also refuses
/// zero bytes, invalid UTF-8, parameters ($1) and semicolons.
/// Errors: INVALID_ARGUMENT for `field`, with position. Cost: linear. Thread-safe.
absl::StatusOr<ScannedExpression> ScanExpression(std::string_view text, const std::string& field);

/// The first 200 bytes or fewer of UTF-8 `text`, cut between characters: what a message repeats of
/// what a user sent.
std::string_view Excerpt(std::string_view text);

/// libpg_query prepares each thread at its first call, and not safely for several threads at a
/// time: call this before any other function of it.
void PreparePgQueryOnThisThread();

}  // namespace sextant
