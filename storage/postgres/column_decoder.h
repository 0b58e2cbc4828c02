#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "compute/column/bitmap.h"
#include "compute/column/column_builder.h"
#include "storage/postgres/copy_stream.h"
#include "storage/postgres/type_map.h"

namespace sextant {

/// The bytes of one column in a batch of rows, at most kMaxRawRows. A field is where its value
/// begins, null for SQL NULL; the four bytes before it are its length, which is known to lie within
/// the row.
struct FieldBatch {
  std::span<const char* const> fields;
  int64_t first_row = 0;                  // position of fields[0] in the stream
  std::span<const int64_t> rows_of = {};  // of elements of lists: the row of each field

  int64_t row(size_t index) const {
    return rows_of.empty() ? first_row + static_cast<int64_t>(index) : rows_of[index];
  }
};

template <typename T>
T LoadBigEndian(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  if constexpr (sizeof(T) == 2)
    value = static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  if constexpr (sizeof(T) == 4)
    value = static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  if constexpr (sizeof(T) == 8)
    value = static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  return value;
}

inline uint32_t FieldLength(const char* field) { return LoadBigEndian<uint32_t>(field - 4); }
inline std::string_view FieldBytes(const char* field) { return {field, FieldLength(field)}; }

/// The validity bitmap of a batch of fields.
class BatchValidity {
 public:
  explicit BatchValidity(std::span<const char* const> fields)
      : num_words_(BitmapWords(fields.size())) {
    for (size_t i = 0; i < fields.size(); ++i) {
      words_[i / 64] |= uint64_t{fields[i] != nullptr} << (i % 64);
    }
  }

  std::span<const uint64_t> words() const { return {words_.data(), num_words_}; }

 private:
  const size_t num_words_;
  std::array<uint64_t, BitmapWords(kMaxRawRows)> words_{};
};

/// Turns the fields of one column into values and appends them to its builder.
/// Errors: FailedPrecondition for a value that has no form here (NaN in numeric, infinity in a
/// timestamp, invalid UTF-8): the source must change it or a query must replace it; DataLoss for
/// bytes that are no value of the type; both name column and row. Thread-safety: none.
class ColumnDecoder {
 public:
  explicit ColumnDecoder(std::string column_name) : column_name_(std::move(column_name)) {}
  virtual ~ColumnDecoder() = default;

  /// REQUIRES: `builder` is of the kind that MakeColumnBuilder makes for the column.
  virtual absl::Status Decode(const FieldBatch& batch, ColumnBuilder& builder) = 0;

 protected:
  absl::Status Unstorable(int64_t row, std::string_view why) const;
  absl::Status Malformed(int64_t row, std::string_view why) const;
  absl::Status WrongLength(int64_t row, uint32_t length, uint32_t expected) const;

 private:
  const std::string column_name_;
};

std::unique_ptr<ColumnDecoder> MakeColumnDecoder(const PlannedColumn& column);

// The families, each in a file of its own. REQUIRES: the column is of the family.
std::unique_ptr<ColumnDecoder> MakeFixedDecoder(const PlannedColumn& column, WireType wire);
std::unique_ptr<ColumnDecoder> MakeTimestampDecoder(const PlannedColumn& column, WireType wire);
std::unique_ptr<ColumnDecoder> MakeNumericDecoder(const PlannedColumn& column);
std::unique_ptr<ColumnDecoder> MakeTextDecoder(const PlannedColumn& column, WireType wire);
std::unique_ptr<ColumnDecoder> MakeListDecoder(const PlannedColumn& column);
std::unique_ptr<ColumnDecoder> MakeScalarDecoder(const PlannedColumn& column, WireType wire);

}  // namespace sextant
