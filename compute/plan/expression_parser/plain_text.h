#pragma once

#include <cstddef>
#include <string_view>

namespace sextant {

/// Reads tokens from the front of expression text of ASCII, where bytes are characters, as
/// PostgreSQL's scanner would; anything that needs more than a look at the next bytes (quotes,
/// capitals in names, comments, operators of several characters) is not taken. Blanks after a token
/// go with it. Not thread-safe; a view of the text.
class PlainText {
 public:
  explicit PlainText(std::string_view text) : text_(text) { SkipBlanks(); }

  /// Of the next token.
  int position() const { return static_cast<int>(at_); }
  bool AtEnd() const { return at_ == text_.size(); }

  /// Whether the text goes on with `token`, which is taken then.
  bool Take(std::string_view token);
  /// Whether the next word is the keyword `lower_case`, in any case, which is taken then.
  bool TakeKeyword(std::string_view lower_case);
  /// A name that the parser takes as it is written; empty where there is none.
  std::string_view TakeName();
  /// Digits, and a point between digits; empty where there are none.
  std::string_view TakeNumber();
  /// One of + - * / that stands between two values; 0 where there is none. What follows must be
  /// taken as a name or a bracket, so that it is neither a sign nor part of a longer operator.
  char TakeOperator();

 private:
  void SkipBlanks();
  size_t WordEnd() const;

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace sextant
