#include "storage/postgres/copy_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/memory/check.h"
#include "storage/postgres/column_decoder.h"

namespace sextant {
namespace {

constexpr size_t kCountBytes = 2;
constexpr size_t kLengthBytes = 4;
constexpr uint32_t kNullLength = 0xFFFFFFFF;

absl::Status MalformedRow(int64_t row, const std::string& why) {
  return absl::DataLossError(absl::StrCat("row ", row + 1, " of the stream: ", why));
}

absl::Status UnexpectedNull(int64_t row, const std::string& column) {
  return MalformedRow(row, absl::StrCat("NULL in column '", column, "', which is NOT NULL"));
}

}  // namespace

struct CopyDecoder::ColumnState {
  std::string name;
  bool nullable = true;
  std::unique_ptr<ColumnDecoder> decoder;
  std::array<const char*, kMaxRawRows> fields;
};

CopyDecoder::CopyDecoder(const std::vector<PlannedColumn>& columns) {
  columns_.reserve(columns.size());
  for (const PlannedColumn& column : columns) {
    ColumnState& state = columns_.emplace_back();
    state.name = column.field.name;
    state.nullable = column.field.nullable;
    state.decoder = MakeColumnDecoder(column);
  }
}

CopyDecoder::~CopyDecoder() = default;

absl::Status CopyDecoder::FollowLengths(const RawRowBatch& batch) {
  const size_t num_columns = columns_.size();
  ColumnState* const columns = columns_.data();
  for (size_t row = 0; row < batch.rows.size(); ++row) {
    const int64_t position = batch.first_row + static_cast<int64_t>(row);
    const std::string_view bytes = batch.rows[row];
    if (bytes.size() < kCountBytes || LoadBigEndian<uint16_t>(bytes.data()) != num_columns) {
      return MalformedRow(position, absl::StrCat("not a row of ", num_columns, " fields"));
    }
    const char* next = bytes.data() + kCountBytes;
    const char* const end = bytes.data() + bytes.size();
    for (size_t column = 0; column < num_columns; ++column) {
      if (static_cast<size_t>(end - next) < kLengthBytes) {
        return MalformedRow(position, "the row is cut off");
      }
      const auto length = LoadBigEndian<uint32_t>(next);
      next += kLengthBytes;
      if (length == kNullLength) {
        if (!columns[column].nullable) return UnexpectedNull(position, columns[column].name);
        columns[column].fields[row] = nullptr;
        continue;
      }
      if (length > static_cast<size_t>(end - next)) {
        return MalformedRow(position, absl::StrCat("column '", columns[column].name, "' claims ",
                                                   length, " bytes of ", end - next));
      }
      columns[column].fields[row] = next;
      next += length;
    }
    if (next != end) return MalformedRow(position, "bytes after the last field");
  }
  return absl::OkStatus();
}

absl::Status CopyDecoder::DecodeRows(size_t begin, size_t end, int64_t first_row,
                                     TableBuilder& builder) {
  for (size_t index = 0; index < columns_.size(); ++index) {
    ColumnState& column = columns_[index];
    const FieldBatch batch{.fields = {column.fields.data() + begin, end - begin},
                           .first_row = first_row + static_cast<int64_t>(begin)};
    absl::Status status =
        column.decoder->Decode(batch, builder.column(static_cast<ColumnIndex>(index)));
    if (!status.ok()) return status;
  }
  return builder.FinishRows(static_cast<uint32_t>(end - begin));
}

absl::Status CopyDecoder::Decode(const RawRowBatch& batch, TableBuilder& builder) {
  SEXTANT_CHECK(batch.rows.size() <= kMaxRawRows);
  SEXTANT_CHECK(builder.num_source_columns() == columns_.size());
  if (absl::Status status = FollowLengths(batch); !status.ok()) return status;
  for (size_t begin = 0; begin < batch.rows.size();) {
    const size_t room = builder.remaining_rows();
    const size_t end = std::min(batch.rows.size(), begin + room);
    absl::Status status = DecodeRows(begin, end, batch.first_row, builder);
    if (!status.ok()) return status;
    begin = end;
  }
  return absl::OkStatus();
}

}  // namespace sextant
