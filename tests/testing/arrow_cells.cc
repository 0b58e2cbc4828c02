#include "tests/testing/arrow_cells.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compute/plan/instant_text.h"
#include "service/wire/arrow_metadata_reader.h"
#include "service/wire/value_text.h"

namespace sextant {
namespace {

template <typename T>
T At(std::string_view buffer, size_t index) {
  T value{};
  EXPECT_LE((index + 1) * sizeof(T), buffer.size()) << "a buffer is too short";
  if ((index + 1) * sizeof(T) <= buffer.size()) {
    std::memcpy(&value, buffer.data() + index * sizeof(T), sizeof(T));
  }
  return value;
}

bool BitAt(std::string_view bits, size_t index) {
  return (At<unsigned char>(bits, index / 8) >> (index % 8) & 1) != 0;
}

}  // namespace

std::string FloatBits(double value) {
  return absl::StrFormat("%016x", std::bit_cast<uint64_t>(value));
}

/// Goes through the nodes and buffers of a message.
struct ArrowCells::Cursor {
  const ArrowLayout& layout;
  std::string_view body;
  size_t node = 0;
  size_t buffer = 0;

  std::pair<size_t, size_t> NextNode() {
    EXPECT_LT(2 * node + 1, layout.nodes.size()) << "too few nodes";
    const size_t at = 2 * node++;
    return {static_cast<size_t>(layout.nodes.at(at)), static_cast<size_t>(layout.nodes.at(at + 1))};
  }
  std::string_view NextBuffer() {
    const size_t at = 2 * buffer++;
    EXPECT_LT(at + 1, layout.buffers.size()) << "too few buffers";
    EXPECT_EQ(layout.buffers.at(at) % 64, 0) << "a buffer is not aligned";
    return body.substr(static_cast<size_t>(layout.buffers.at(at)),
                       static_cast<size_t>(layout.buffers.at(at + 1)));
  }
};

ArrowCells::ArrowCells(std::string_view schema_message) {
  absl::StatusOr<ArrowSchema> schema = ReadArrowSchema(schema_message);
  EXPECT_TRUE(schema.ok()) << schema.status();
  if (schema.ok()) fields_ = schema->fields;
}

std::string ArrowCells::ValueText(const ArrowField& field, std::string_view values,
                                  size_t row) const {
  switch (field.kind) {
    case ArrowKind::kBool:
      return BitAt(values, row) ? "true" : "false";
    case ArrowKind::kInt32:
      return absl::StrCat(At<int32_t>(values, row));
    case ArrowKind::kInt64:
      return absl::StrCat(At<int64_t>(values, row));
    case ArrowKind::kFloat64:
      return FloatBits(At<double>(values, row));
    case ArrowKind::kDate32:
      return DateText(At<int32_t>(values, row));
    case ArrowKind::kTimestampUs: {
      absl::TimeZone zone;
      EXPECT_TRUE(absl::LoadTimeZone(field.time_zone, &zone)) << field.time_zone;
      return FormatInstant(At<int64_t>(values, row), zone);
    }
    case ArrowKind::kDecimal128:
      return DecimalText(At<int128_t>(values, row), field.scale);
    default:
      ADD_FAILURE() << "no value of fixed width";
      return "";
  }
}

std::vector<std::string> ArrowCells::ReadColumn(const ArrowField& field, Cursor& cursor) const {
  const auto [num_rows, num_nulls] = cursor.NextNode();
  const std::string_view validity = cursor.NextBuffer();
  EXPECT_EQ(validity.empty(), num_nulls == 0);
  const std::string_view values = cursor.NextBuffer();
  const bool is_coded = field.dictionary_id.has_value();
  const bool is_list = field.kind == ArrowKind::kList;
  std::string_view bytes;
  if (!is_coded && field.kind == ArrowKind::kUtf8) bytes = cursor.NextBuffer();
  std::vector<std::string> elements;
  if (is_list) elements = ReadColumn(field.children.at(0), cursor);
  std::vector<std::string> texts(num_rows, "NULL");
  size_t num_valid = 0;
  for (size_t row = 0; row < num_rows; ++row) {
    if (!validity.empty() && !BitAt(validity, row)) continue;
    ++num_valid;
    if (is_coded) {
      texts[row] = dictionaries_.at(*field.dictionary_id).at(At<uint32_t>(values, row));
      continue;
    }
    if (!is_list && field.kind != ArrowKind::kUtf8) {
      texts[row] = ValueText(field, values, row);
      continue;
    }
    const auto begin = At<uint32_t>(values, row);
    const auto end = At<uint32_t>(values, row + 1);
    texts[row] =
        is_list
            ? absl::StrCat(
                  "[", absl::StrJoin(elements.begin() + begin, elements.begin() + end, ","), "]")
            : std::string(bytes.substr(begin, end - begin));
  }
  EXPECT_EQ(num_rows - num_valid, num_nulls);
  return texts;
}

void ArrowCells::Add(const v1::ArrowMessage& message) {
  const absl::StatusOr<ArrowMessageView> read = ReadArrowMessage(message.metadata());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->layout.body_bytes, static_cast<int64_t>(message.body().size()));
  ASSERT_EQ(message.body().size() % 8, 0u);
  Cursor cursor{read->layout, message.body()};
  const auto num_rows = static_cast<size_t>(read->layout.num_rows);
  std::vector<std::string> rows(num_rows);
  if (read->dictionary_id.has_value()) {
    ArrowField texts;
    texts.kind = ArrowKind::kUtf8;
    dictionaries_[*read->dictionary_id] = ReadColumn(texts, cursor);
    ++num_dictionaries_;
  } else {
    for (const ArrowField& field : fields_) {
      const std::vector<std::string> column = ReadColumn(field, cursor);
      ASSERT_EQ(column.size(), num_rows);
      for (size_t row = 0; row < num_rows; ++row) {
        absl::StrAppend(&rows[row], &field == &fields_[0] ? "" : "|", column[row]);
      }
    }
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    rows_per_batch_.push_back(num_rows);
  }
  EXPECT_EQ(2 * cursor.node, read->layout.nodes.size());
  EXPECT_EQ(2 * cursor.buffer, read->layout.buffers.size());
}

}  // namespace sextant
