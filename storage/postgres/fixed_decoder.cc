// Values of a fixed number of bytes: bool, integers, floats, uuid, interval.

#include <limits>
#include <type_traits>
#include <utility>

#include "compute/memory/check.h"
#include "storage/postgres/column_decoder.h"

namespace sextant {
namespace {

// Reads one field into a value; Bytes is the only length that it may have.
struct ReadBool {
  static constexpr uint32_t kBytes = 1;
  using Value = int64_t;
  using Builder = IntegerColumnBuilder;
  static Value Read(const char* field) { return *field; }
  static bool IsValue(Value value) { return value == 0 || value == 1; }
};

template <typename T>
struct ReadInteger {
  static constexpr uint32_t kBytes = sizeof(T);
  using Value = int64_t;
  using Builder = IntegerColumnBuilder;
  static Value Read(const char* field) { return LoadBigEndian<T>(field); }
  static bool IsValue(Value) { return true; }
};

template <typename Float, typename Bits>
struct ReadFloat {
  static constexpr uint32_t kBytes = sizeof(Float);
  using Value = double;
  using Builder = FloatColumnBuilder;
  static Value Read(const char* field) { return std::bit_cast<Float>(LoadBigEndian<Bits>(field)); }
  static bool IsValue(Value) { return true; }
};

struct ReadUuid {
  static constexpr uint32_t kBytes = 16;
  using Value = Wide;
  using Builder = WideColumnBuilder;
  static Value Read(const char* field) {
    return WideOfUuid(reinterpret_cast<const uint8_t*>(field));
  }
  static bool IsValue(const Value&) { return true; }
};

struct ReadInterval {
  static constexpr uint32_t kBytes = 16;
  using Value = Wide;
  using Builder = WideColumnBuilder;
  static Value Read(const char* field) {
    return WideOfInterval({.months = LoadBigEndian<int32_t>(field + 12),
                           .days = LoadBigEndian<int32_t>(field + 8),
                           .microseconds = LoadBigEndian<int64_t>(field)});
  }
  // The infinities of PostgreSQL 17; before, intervals too long for any use.
  static bool IsValue(const Value& value) {
    const IntervalValue interval = IntervalOfWide(value);
    return !HoldsOnly<std::numeric_limits<int32_t>::max(), std::numeric_limits<int64_t>::max()>(
               interval) &&
           !HoldsOnly<std::numeric_limits<int32_t>::min(), std::numeric_limits<int64_t>::min()>(
               interval);
  }

 private:
  template <int32_t kMonthsAndDays, int64_t kMicroseconds>
  static bool HoldsOnly(const IntervalValue& interval) {
    return interval.months == kMonthsAndDays && interval.days == kMonthsAndDays &&
           interval.microseconds == kMicroseconds;
  }
};

template <typename Reader>
class FixedDecoder final : public ColumnDecoder {
 public:
  using ColumnDecoder::ColumnDecoder;

  absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) override {
    const std::span<const char* const> fields = batch.fields;
    const size_t num_rows = fields.size();
    std::array<typename Reader::Value, kMaxRawRows> values;
    bool is_sound = true;
    for (size_t i = 0; i < num_rows; ++i) {
      const char* const field = fields[i];
      values[i] = {};
      if (field == nullptr) continue;
      if (FieldLength(field) != Reader::kBytes) return WrongLengthAt(batch, i);
      values[i] = Reader::Read(field);
      is_sound &= Reader::IsValue(values[i]);
    }
    if (!is_sound) return NoValueIn(batch);
    const BatchValidity valid(fields);
    return static_cast<typename Reader::Builder&>(builder).Append(
        std::span(values.data(), num_rows), valid.words());
  }

 private:
  absl::Status WrongLengthAt(const FieldBatch& batch, size_t index) const {
    return WrongLength(batch.row(index), FieldLength(batch.fields[index]), Reader::kBytes);
  }

  absl::Status NoValueIn(const FieldBatch& batch) const {
    size_t index = 0;
    while (batch.fields[index] == nullptr || Reader::IsValue(Reader::Read(batch.fields[index]))) {
      ++index;
    }
    if constexpr (std::is_same_v<Reader, ReadInterval>) {
      return Unstorable(batch.row(index), "infinity is no interval; replace it in a query");
    }
    return Malformed(batch.row(index), "bytes that are no value of the type");
  }
};

}  // namespace

std::unique_ptr<ColumnDecoder> MakeFixedDecoder(const PlannedColumn& column, WireType wire) {
  const std::string& name = column.field.name;
  switch (wire) {
    case WireType::kBool:
      return std::make_unique<FixedDecoder<ReadBool>>(name);
    case WireType::kInt2:
      return std::make_unique<FixedDecoder<ReadInteger<int16_t>>>(name);
    case WireType::kInt4:
      return std::make_unique<FixedDecoder<ReadInteger<int32_t>>>(name);
    case WireType::kInt8:
      return std::make_unique<FixedDecoder<ReadInteger<int64_t>>>(name);
    case WireType::kFloat4:
      return std::make_unique<FixedDecoder<ReadFloat<float, uint32_t>>>(name);
    case WireType::kFloat8:
      return std::make_unique<FixedDecoder<ReadFloat<double, uint64_t>>>(name);
    case WireType::kUuid:
      return std::make_unique<FixedDecoder<ReadUuid>>(name);
    default:
      SEXTANT_CHECK(wire == WireType::kInterval);
      return std::make_unique<FixedDecoder<ReadInterval>>(name);
  }
}

}  // namespace sextant
