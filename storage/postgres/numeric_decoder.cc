// numeric: base-10000 digits on the wire, an integer scaled by 10^scale here. Exact or an error.

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/postgres/column_decoder.h"

namespace sextant {
namespace {

__extension__ typedef unsigned __int128 uint128_t;

constexpr uint32_t kHeaderBytes = 8;  // number of digits, weight, sign, shown scale
constexpr uint16_t kNegativeSign = 0x4000;
constexpr uint16_t kNaNSign = 0xC000;
constexpr uint16_t kPlusInfinitySign = 0xD000;
constexpr uint16_t kMinusInfinitySign = 0xF000;
constexpr uint32_t kBase = 10000;
constexpr int kLargestInt64Precision = 18;

enum class Outcome { kExact, kNaN, kInfinite, kTooLarge, kTooFine, kMalformed };

template <typename Unsigned>
constexpr auto PowersOfTen() {
  constexpr int kPowers = sizeof(Unsigned) == 8 ? 19 : 39;
  std::array<Unsigned, kPowers> powers{};
  Unsigned power = 1;
  for (Unsigned& entry : powers) {
    entry = power;
    power = static_cast<Unsigned>(power * 10);
  }
  return powers;
}

// Magnitude of a numeric times 10^scale, at most `limit`.
template <typename Unsigned>
class DigitSum {
 public:
  explicit DigitSum(Unsigned limit) : limit_(limit) {}

  // Adds digit * 10^exponent; exponents fall by 4 from one call to the next.
  Outcome Add(uint32_t digit, int exponent) {
    if (digit >= kBase) return Outcome::kMalformed;
    if (exponent >= 0) return Shift(4) && AddSmall(digit) ? Outcome::kExact : Outcome::kTooLarge;
    // The last decimals of the type may end within a digit.
    const int places = exponent + 4;
    if (places <= 0) return digit == 0 ? Outcome::kExact : Outcome::kTooFine;
    const auto divisor = static_cast<uint32_t>(kPowers[static_cast<size_t>(-exponent)]);
    if (digit % divisor != 0) return Outcome::kTooFine;
    return Shift(places) && AddSmall(digit / divisor) ? Outcome::kExact : Outcome::kTooLarge;
  }

  // Multiplies by 10^places; false beyond the limit.
  bool Shift(int places) {
    if (sum_ == 0) return true;
    if (places >= static_cast<int>(kPowers.size())) return false;
    const Unsigned power = kPowers[static_cast<size_t>(places)];
    if (sum_ > limit_ / power) return false;
    sum_ = static_cast<Unsigned>(sum_ * power);
    return true;
  }

  Unsigned sum() const { return sum_; }

 private:
  static constexpr auto kPowers = PowersOfTen<Unsigned>();

  bool AddSmall(uint32_t value) {
    if (value > limit_ - sum_) return false;
    sum_ = static_cast<Unsigned>(sum_ + value);
    return true;
  }

  const Unsigned limit_;
  Unsigned sum_ = 0;
};

template <typename Unsigned>
struct Decimal {
  Outcome outcome = Outcome::kMalformed;
  Unsigned magnitude = 0;
  bool is_negative = false;
};

template <typename Unsigned>
Decimal<Unsigned> ReadNumeric(std::string_view bytes, int scale, Unsigned limit) {
  Decimal<Unsigned> decimal;
  if (bytes.size() < kHeaderBytes) return decimal;
  const auto num_digits = LoadBigEndian<uint16_t>(bytes.data());
  const auto weight = LoadBigEndian<int16_t>(bytes.data() + 2);
  const auto sign = LoadBigEndian<uint16_t>(bytes.data() + 4);
  if (bytes.size() != kHeaderBytes + size_t{2} * num_digits) return decimal;
  if (sign == kNaNSign || sign == kPlusInfinitySign || sign == kMinusInfinitySign) {
    decimal.outcome = sign == kNaNSign ? Outcome::kNaN : Outcome::kInfinite;
    return decimal;
  }
  if (sign != 0 && sign != kNegativeSign) return decimal;
  DigitSum<Unsigned> digits(limit);
  int exponent = 4 * weight + scale;  // of the digit's unit, in units of the result
  for (uint16_t i = 0; i < num_digits; ++i, exponent -= 4) {
    decimal.outcome =
        digits.Add(LoadBigEndian<uint16_t>(bytes.data() + kHeaderBytes + size_t{2} * i), exponent);
    if (decimal.outcome != Outcome::kExact) return decimal;
  }
  // Zeros at the end are not sent.
  const int missing_places = exponent + 4;
  decimal.outcome =
      missing_places <= 0 || digits.Shift(missing_places) ? Outcome::kExact : Outcome::kTooLarge;
  decimal.magnitude = digits.sum();
  decimal.is_negative = sign == kNegativeSign;
  return decimal;
}

template <typename Unsigned>
Unsigned LimitOf(int precision) {
  Unsigned limit = 1;
  for (int i = 0; i < precision; ++i) limit = static_cast<Unsigned>(limit * 10);
  return static_cast<Unsigned>(limit - 1);
}

// Unsigned is uint64_t for up to 18 digits, else 128 bits.
template <typename Unsigned>
class NumericDecoder final : public ColumnDecoder {
 public:
  NumericDecoder(std::string column_name, DataType type)
      : ColumnDecoder(std::move(column_name)),
        type_(type),
        limit_(LimitOf<Unsigned>(type.precision)) {}

  absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) override {
    const size_t num_rows = batch.fields.size();
    const int scale = type_.scale;
    const Unsigned limit = limit_;
    std::array<Value, kMaxRawRows> values;
    for (size_t i = 0; i < num_rows; ++i) {
      const char* const field = batch.fields[i];
      values[i] = {};
      if (field == nullptr) continue;
      const auto decimal = ReadNumeric<Unsigned>(FieldBytes(field), scale, limit);
      if (decimal.outcome != Outcome::kExact) return Refuse(batch.row(i), decimal.outcome);
      values[i] = Signed(decimal);
    }
    const BatchValidity valid(batch.fields);
    return static_cast<Builder&>(builder).Append(std::span(values.data(), num_rows), valid.words());
  }

 private:
  static constexpr bool kIsWide = sizeof(Unsigned) == 16;
  using Value = std::conditional_t<kIsWide, Wide, int64_t>;
  using Builder = std::conditional_t<kIsWide, WideColumnBuilder, IntegerColumnBuilder>;

  static Value Signed(const Decimal<Unsigned>& decimal) {
    if constexpr (kIsWide) {
      const auto magnitude = static_cast<int128_t>(decimal.magnitude);
      return WideOfInt128(decimal.is_negative ? -magnitude : magnitude);
    } else {
      const auto magnitude = static_cast<int64_t>(decimal.magnitude);
      return decimal.is_negative ? -magnitude : magnitude;
    }
  }

  absl::Status Refuse(int64_t row, Outcome outcome) const {
    const std::string type = TypeName(type_);
    switch (outcome) {
      case Outcome::kNaN:
        return Unstorable(row, absl::StrCat("NaN is no ", type,
                                            "; replace it in a query, for "
                                            "example by nullif(column, 'NaN')"));
      case Outcome::kInfinite:
        return Unstorable(row, absl::StrCat("infinity is no ", type, "; replace it in a query"));
      case Outcome::kTooLarge:
        return Unstorable(row, absl::StrCat("a value too large for ", type,
                                            "; declare more digits in columns.types"));
      case Outcome::kTooFine:
        return Unstorable(row, absl::StrCat("a value with more decimals than ", type,
                                            " has; declare more in columns.types"));
      default:
        return Malformed(row, "bytes that are no numeric");
    }
  }

  const DataType type_;
  const Unsigned limit_;
};

}  // namespace

std::unique_ptr<ColumnDecoder> MakeNumericDecoder(const PlannedColumn& column) {
  const DataType type = column.field.type;
  if (type.precision <= kLargestInt64Precision) {
    return std::make_unique<NumericDecoder<uint64_t>>(column.field.name, type);
  }
  return std::make_unique<NumericDecoder<uint128_t>>(column.field.name, type);
}

}  // namespace sextant
