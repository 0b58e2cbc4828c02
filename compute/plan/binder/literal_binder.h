#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "compute/plan/binder/key_range.h"
#include "compute/plan/expression.h"

namespace sextant {

/// What a constant is typed by: the value (or list element) that it is compared with.
struct ComparedValue {
  DataType type;
  std::span<const std::string> enum_labels;
  bool is_blank_padded = false;
  std::string_view text;  // as the user wrote it, for messages
};

/// The arithmetic of a comparison of numbers, as PostgreSQL chooses it.
enum class NumberDomain { kExact, kFloat64, kFloat32 };

/// Types constants as PostgreSQL does (rules 2, 6, 7, 8, 10, 15): an integer column meets a decimal
/// constant exactly and a float constant in float8; float4 meets numbers in float8, but a quoted
/// constant or a list of numbers in float4; text of unknown type takes the type of what it meets;
/// times without an offset are local in `zone`. Errors carry both types and the position.
/// One object per predicate, a view of the field; const methods may be called from any thread.
class LiteralBinder {
 public:
  LiteralBinder(absl::TimeZone zone, const std::string& field) : zone_(zone), field_(field) {}

  const std::string& field() const { return field_; }

  /// The domain of `value op literals[0]`, or, with several literals, of `value IN (literals)`.
  NumberDomain DomainOf(const ComparedValue& value, std::span<const Literal> literals) const;

  /// Where the constant lies among the keys of `value`, for types whose keys are numbers.
  /// REQUIRES: the literal is not NULL; HasKey(value.type).
  absl::StatusOr<KeyBound> BindKey(const ComparedValue& value, const Literal& literal,
                                   NumberDomain domain) const;

  /// The bytes of a constant for a kText or kBytes value, alone or in a list of several. REQUIRES:
  /// as above.
  absl::StatusOr<std::string> BindBytes(const ComparedValue& value, const Literal& literal,
                                        bool is_in_list = false) const;

  /// Whether BindBytes gives the text of the constant as it stands: of most it does.
  static bool MeansItsText(const ComparedValue& value, const Literal& literal) {
    return literal.kind == Literal::Kind::kString && value.type.kind == TypeKind::kText &&
           !value.is_blank_padded;
  }

  /// "column x is of type bigint, '...' is text": two types that PostgreSQL does not compare.
  absl::Status Mismatch(const ComparedValue& value, const Literal& literal) const;

 private:
  absl::StatusOr<KeyBound> BindNumber(const ComparedValue& value, const Literal& literal,
                                      NumberDomain domain) const;
  absl::StatusOr<KeyBound> BindExactNumber(const ComparedValue& value,
                                           const Literal& literal) const;
  absl::StatusOr<KeyBound> BindFloat(const ComparedValue& value, const Literal& literal,
                                     NumberDomain domain) const;
  absl::StatusOr<KeyBound> BindBool(const ComparedValue& value, const Literal& literal) const;
  absl::StatusOr<KeyBound> BindEnum(const ComparedValue& value, const Literal& literal) const;
  absl::StatusOr<KeyBound> BindUuid(const ComparedValue& value, const Literal& literal) const;
  absl::StatusOr<KeyBound> BindDate(const ComparedValue& value, const Literal& literal) const;
  absl::StatusOr<KeyBound> BindTimestamp(const ComparedValue& value, const Literal& literal) const;
  absl::StatusOr<KeyBound> BindInterval(const ComparedValue& value, const Literal& literal) const;

  /// INVALID_ARGUMENT "the constant 'x' is no TYPE" at the literal.
  absl::Status Malformed(const ComparedValue& value, const Literal& literal) const;
  absl::Status Located(const absl::Status& status, const Literal& literal) const;

  absl::TimeZone zone_;
  const std::string& field_;
};

/// False for text, bytes, json and lists, whose keys are bytes or which have none.
bool HasKey(const DataType& type);
/// True where keys are int128: the layouts of 16 bytes.
bool HasWideKey(const DataType& type);
/// The part of `range` that values of the type can have.
KeyRange OfType(const DataType& type, const KeyRange& range);

}  // namespace sextant
