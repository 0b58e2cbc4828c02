#include "service/wire/arrow_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "service/wire/arrow_body.h"
#include "service/wire/flat_buffer.h"
#include "tests/testing/arrow_cells.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Two columns with a dictionary and one without.
std::string Schema() {
  ArrowSchema schema;
  for (const int64_t id : {0, 1}) {
    ArrowField& field = schema.fields.emplace_back();
    field.name = "text";
    field.kind = ArrowKind::kUtf8;
    field.dictionary_id = id;
  }
  schema.fields.emplace_back().name = "n";
  return ArrowSchemaMessage(schema);
}

v1::ArrowMessage Dictionary(int64_t id, const std::vector<std::string_view>& texts) {
  ArrowBody body(texts.size());
  body.AddNode(texts.size(), {});
  body.AddTexts(texts);
  v1::ArrowMessage message;
  message.set_metadata(ArrowDictionaryMessage(id, body.layout()));
  message.set_body(body.TakeBytes());
  return message;
}

/// Rows whose codes are in both text columns, -1 for a NULL in the second.
v1::ArrowMessage Batch(const std::vector<int32_t>& first, const std::vector<int32_t>& second) {
  ArrowBody body(first.size());
  body.AddNode(first.size(), {});
  body.AddFixedWidth<int32_t>(first);
  std::vector<uint8_t> valid;
  for (const int32_t code : second) valid.push_back(code >= 0);
  body.AddNode(second.size(), valid);
  body.AddFixedWidth<int32_t>(second);
  body.AddNode(first.size(), {});
  body.AddFixedWidth<int64_t>(std::vector<int64_t>(first.begin(), first.end()));
  v1::ArrowMessage message;
  message.set_metadata(ArrowRecordBatchMessage(body.layout()));
  message.set_body(body.TakeBytes());
  return message;
}

std::vector<v1::ArrowMessage> Answer() {
  return {Dictionary(0, {"a", "b"}), Dictionary(1, {"x"}),         Batch({0, 1}, {0, -1}),
          Dictionary(0, {"c", "b"}), Batch({0, 1, 1}, {-1, 0, 0}), Dictionary(1, {}),
          Batch({1}, {-1})};
}

const std::vector<std::string> kRows = {"a|x|0", "b|NULL|1", "c|NULL|0",
                                        "b|x|1", "b|x|1",    "b|NULL|1"};

std::string Written(ArrowWriter& writer, const std::vector<v1::ArrowMessage>& messages) {
  std::ostringstream out;
  EXPECT_TRUE(writer.Begin(Schema(), out).ok());
  for (const v1::ArrowMessage& message : messages) {
    EXPECT_TRUE(writer.Add(message.metadata(), message.body(), out).ok());
  }
  EXPECT_TRUE(writer.End(out).ok());
  return out.str();
}

int32_t IntAt(const std::string& bytes, size_t position) {
  int32_t value = 0;
  EXPECT_LE(position + sizeof(value), bytes.size());
  std::memcpy(&value, bytes.data() + position, sizeof(value));
  return value;
}

/// The message that begins at `position`.
v1::ArrowMessage MessageAt(const std::string& bytes, size_t position, size_t body_bytes) {
  EXPECT_EQ(IntAt(bytes, position), -1) << "no continuation marker at " << position;
  const auto metadata_bytes = static_cast<size_t>(IntAt(bytes, position + 4));
  v1::ArrowMessage message;
  message.set_metadata(bytes.substr(position + 8, metadata_bytes));
  message.set_body(bytes.substr(position + 8 + metadata_bytes, body_bytes));
  return message;
}

TEST(ArrowStreamWriterTest, AStreamIsTheMessagesAndItsEnd) {
  ArrowStreamWriter writer;
  const std::vector<v1::ArrowMessage> messages = Answer();
  const std::string bytes = Written(writer, messages);
  EXPECT_TRUE(bytes.ends_with(kArrowEndOfStream));
  size_t position = 0;
  const v1::ArrowMessage schema = MessageAt(bytes, 0, 0);
  ArrowCells cells(schema.metadata());
  position += 8 + schema.metadata().size();
  for (const v1::ArrowMessage& message : messages) {
    const v1::ArrowMessage read = MessageAt(bytes, position, message.body().size());
    cells.Add(read);
    position += 8 + read.metadata().size() + read.body().size();
  }
  EXPECT_EQ(position + 8, bytes.size());
  EXPECT_EQ(cells.rows(), kRows);
}

/// The blocks that a field of the footer lists: offset, metadata, body.
std::vector<int64_t> Blocks(const std::string& bytes, size_t field) {
  const auto footer_bytes = static_cast<size_t>(IntAt(bytes, bytes.size() - 10));
  const std::string footer = bytes.substr(bytes.size() - 10 - footer_bytes, footer_bytes);
  const std::optional<FlatTable> table = FlatTable::Root(footer);
  EXPECT_TRUE(table.has_value());
  return table->StructWords(field, 3);
}

/// What a reader makes of a file: all dictionaries first, then the batches.
ArrowCells CellsOfFile(const std::string& bytes) {
  EXPECT_TRUE(bytes.starts_with(std::string("ARROW1\0\0", 8)));
  EXPECT_TRUE(bytes.ends_with("ARROW1"));
  ArrowCells cells(MessageAt(bytes, 8, 0).metadata());
  for (const size_t field : {2, 3}) {
    const std::vector<int64_t> blocks = Blocks(bytes, field);
    for (size_t i = 0; i < blocks.size(); i += 3) {
      const auto offset = static_cast<size_t>(blocks[i]);
      const v1::ArrowMessage message = MessageAt(bytes, offset, static_cast<size_t>(blocks[i + 2]));
      EXPECT_EQ(static_cast<size_t>(blocks[i + 1]), 8 + message.metadata().size());
      EXPECT_EQ((offset + static_cast<size_t>(blocks[i + 1])) % 64, 0u) << "body not aligned";
      cells.Add(message);
    }
  }
  return cells;
}

TEST(ArrowFileWriterTest, AFileHasOneDictionaryPerColumnAndTheSameRows) {
  ArrowFileWriter writer;
  const ArrowCells cells = CellsOfFile(Written(writer, Answer()));
  EXPECT_EQ(cells.num_dictionaries(), 2u);
  EXPECT_EQ(cells.rows(), kRows);
  EXPECT_THAT(cells.rows_per_batch(), ElementsAre(2, 3, 1));
}

TEST(ArrowFileWriterTest, AFileWithoutRowsHasItsSchemaAndEmptyDictionaries) {
  ArrowFileWriter writer;
  const ArrowCells cells = CellsOfFile(Written(writer, {}));
  EXPECT_EQ(cells.fields().size(), 3u);
  EXPECT_EQ(cells.num_dictionaries(), 2u);
  EXPECT_THAT(cells.rows(), IsEmpty());
}

TEST(ArrowFileWriterTest, RowsAreCounted) {
  for (const bool is_file : {false, true}) {
    ArrowFileWriter file;
    ArrowStreamWriter stream;
    ArrowWriter& writer = is_file ? static_cast<ArrowWriter&>(file) : stream;
    std::ostringstream out;
    ASSERT_TRUE(writer.Begin(Schema(), out).ok());
    int64_t num_rows = 0;
    for (const v1::ArrowMessage& message : Answer()) {
      num_rows += writer.Add(message.metadata(), message.body(), out).value();
    }
    EXPECT_EQ(num_rows, 6);
  }
}

/// What a writer says to a message that it must not take.
std::string Refusal(const std::vector<v1::ArrowMessage>& before, const v1::ArrowMessage& message) {
  ArrowFileWriter writer;
  std::ostringstream out;
  EXPECT_TRUE(writer.Begin(Schema(), out).ok());
  for (const v1::ArrowMessage& taken : before) {
    EXPECT_TRUE(writer.Add(taken.metadata(), taken.body(), out).ok());
  }
  const absl::Status status = writer.Add(message.metadata(), message.body(), out).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ArrowFileWriterTest, ACodeThatItsDictionaryLacksIsRefused) {
  EXPECT_THAT(Refusal({}, Batch({0}, {-1})), HasSubstr("a code that its dictionary lacks"));
  EXPECT_THAT(Refusal({Dictionary(0, {"a"})}, Batch({1}, {-1})), HasSubstr("dictionary lacks"));
  EXPECT_THAT(Refusal({Dictionary(0, {"a"})}, Batch({-1}, {-1})), HasSubstr("dictionary lacks"));
}

TEST(ArrowFileWriterTest, ADictionaryThatNoColumnHasIsRefused) {
  EXPECT_THAT(Refusal({}, Dictionary(2, {"a"})), HasSubstr("a dictionary that no column has"));
}

TEST(ArrowFileWriterTest, ABodyOfAnotherSizeThanItsMetadataSaysIsRefused) {
  v1::ArrowMessage message = Dictionary(0, {"a"});
  message.mutable_body()->pop_back();
  EXPECT_THAT(Refusal({}, message), HasSubstr("its metadata says"));
}

TEST(ArrowFileWriterTest, FewerBuffersThanTheColumnsHaveAreRefused) {
  v1::ArrowMessage message;
  message.set_metadata(ArrowRecordBatchMessage({1, {1, 0}, {0, 0}, 0}));
  EXPECT_THAT(Refusal({}, message), HasSubstr("fewer buffers"));
}

TEST(ArrowFileWriterTest, AColumnShorterThanItsBatchIsRefused) {
  v1::ArrowMessage message = Batch({0}, {-1});
  message.set_metadata(ArrowRecordBatchMessage(
      {40, {40, 0, 40, 0, 40, 0}, {0, 0, 0, 4, 64, 1, 128, 4, 192, 0, 192, 8}, 256}));
  EXPECT_THAT(Refusal({Dictionary(0, {"a"})}, message), HasSubstr("shorter than its batch"));
}

TEST(ArrowFileWriterTest, ASecondSchemaIsRefused) {
  v1::ArrowMessage message;
  message.set_metadata(Schema());
  EXPECT_THAT(Refusal({}, message), HasSubstr("a message of kind 1"));
}

TEST(ArrowFileWriterTest, AnAnswerWithoutASchemaIsRefused) {
  std::ostringstream out;
  EXPECT_FALSE(ArrowFileWriter().Begin("", out).ok());
  EXPECT_FALSE(ArrowStreamWriter().Begin("", out).ok());
}

TEST(ArrowFileWriterTest, BytesThatAreWrongAreTakenOrRefused) {
  for (const v1::ArrowMessage& whole : {Dictionary(0, {"a", "bc"}), Batch({0, 0}, {0, -1})}) {
    const size_t num_bytes = whole.metadata().size() + whole.body().size();
    for (size_t i = 0; i < num_bytes; ++i) {
      for (const int byte : {0, 1, 0x7F, 0xFF}) {
        v1::ArrowMessage message = whole;
        const size_t in_body = i - whole.metadata().size();
        char& changed = i < whole.metadata().size() ? (*message.mutable_metadata())[i]
                                                    : (*message.mutable_body())[in_body];
        changed = static_cast<char>(byte);
        ArrowFileWriter writer;
        std::ostringstream out;
        ASSERT_TRUE(writer.Begin(Schema(), out).ok());
        writer.Add(Dictionary(1, {"x"}).metadata(), Dictionary(1, {"x"}).body(), out).IgnoreError();
        writer.Add(message.metadata(), message.body(), out).status().IgnoreError();
        EXPECT_TRUE(writer.End(out).ok());
      }
    }
  }
}

}  // namespace
}  // namespace sextant
