#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "compute/exec/result.h"

namespace sextant {

/// A value of either answer, in a form in which equal values are equal: NULL, a value of its
/// column's type, or a text of the SQL that is no value of that type and equals nothing of ours.
class ComparedValue {
 public:
  static ComparedValue OfResult(const ResultValues& values, uint32_t row);
  /// As PostgreSQL prints it in a session of UTC and ISO dates.
  static ComparedValue OfSource(const DataType& type, const std::optional<std::string>& text);
  static ComparedValue OfText(std::optional<std::string> text);

  bool has_value() const { return kind_ == Kind::kValue; }
  /// As PostgreSQL prints it. REQUIRES: not NULL.
  const std::string& text() const { return text_; }
  /// For people, at most kMaxShownBytes: NULL, the value, a text in quotes where it could be taken
  /// for something else.
  std::string Shown() const;
  /// Adds what tells this value from every other one of its column, and where it ends.
  void AppendIdentity(std::string& identity) const;

  friend bool operator==(const ComparedValue& a, const ComparedValue& b) {
    return a.kind_ == b.kind_ && a.identity() == b.identity();
  }

 private:
  enum class Kind : char { kNull, kValue, kMalformed };

  static ComparedValue OfCanonical(const DataType& type, std::string text);
  const std::string& identity() const { return order_key_.empty() ? text_ : order_key_; }

  Kind kind_ = Kind::kNull;
  bool is_text_ = false;
  std::string text_;
  std::string order_key_;  // of types of which equal values have several texts
};

/// What tells the cell of `keys` from every other one.
std::string IdentityOf(std::span<const ComparedValue> keys);

/// `text`, or its beginning and "..." in `max_bytes`, never a part of a character.
std::string CutText(std::string text, size_t max_bytes);

}  // namespace sextant
