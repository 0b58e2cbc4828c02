#include "service/wire/arrow_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/wire/arrow_metadata_reader.h"
#include "service/wire/flat_buffer.h"

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ArrowField FieldOf(std::string name, ArrowKind kind) {
  ArrowField field;
  field.name = std::move(name);
  field.kind = kind;
  return field;
}

ArrowSchema EveryType() {
  ArrowSchema schema;
  schema.metadata = {{"sextant.time_zone", "Europe/Berlin"}, {"empty", ""}};
  for (const ArrowKind kind :
       {ArrowKind::kBool, ArrowKind::kInt32, ArrowKind::kInt64, ArrowKind::kFloat64,
        ArrowKind::kUtf8, ArrowKind::kDate32, ArrowKind::kTimestampUs, ArrowKind::kDecimal128}) {
    ArrowField field = FieldOf("column", kind);
    if (kind == ArrowKind::kTimestampUs) field.time_zone = "Europe/Berlin";
    if (kind == ArrowKind::kDecimal128) {
      field.precision = 38;
      field.scale = 4;
    }
    schema.fields.push_back(field);
    ArrowField list = FieldOf("list", ArrowKind::kList);
    list.children.push_back(std::move(field));
    schema.fields.push_back(std::move(list));
  }
  ArrowField coded = FieldOf("Straße", ArrowKind::kUtf8);
  coded.dictionary_id = 3;
  coded.metadata = {{"sextant.role", "COLUMN_ROLE_AXIS"}};
  schema.fields.push_back(std::move(coded));
  return schema;
}

TEST(ArrowMetadataTest, ASchemaOfEveryTypeIsReadAsItWasWritten) {
  const ArrowSchema schema = EveryType();
  const absl::StatusOr<ArrowSchema> read = ReadArrowSchema(ArrowSchemaMessage(schema));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->fields, schema.fields);
  EXPECT_EQ(read->metadata, schema.metadata);
}

TEST(ArrowMetadataTest, TheSizeOfAMessageIsAMultipleOfEight) {
  for (size_t length = 0; length < 9; ++length) {
    const ArrowField field = FieldOf(std::string(length, 'x'), ArrowKind::kInt64);
    EXPECT_EQ(ArrowSchemaMessage({{field}, {}}).size() % 8, 0u) << length;
  }
}

TEST(ArrowMetadataTest, ARecordBatchTellsItsLayout) {
  const ArrowLayout layout = {3, {3, 1, 3, 0}, {0, 1, 64, 24}, 128};
  const auto message = ReadArrowMessage(ArrowRecordBatchMessage(layout));
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_FALSE(message->dictionary_id.has_value());
  EXPECT_EQ(message->layout.num_rows, 3);
  EXPECT_THAT(message->layout.nodes, ElementsAre(3, 1, 3, 0));
  EXPECT_THAT(message->layout.buffers, ElementsAre(0, 1, 64, 24));
  EXPECT_EQ(message->layout.body_bytes, 128);
}

TEST(ArrowMetadataTest, ADictionaryTellsItsIdAndReplacesTheOneBefore) {
  const auto message = ReadArrowMessage(ArrowDictionaryMessage(7, {1, {1, 0}, {0, 0}, 0}));
  ASSERT_TRUE(message.ok()) << message.status();  // a delta would be refused
  EXPECT_EQ(message->dictionary_id, 7);
}

TEST(ArrowMetadataTest, ABufferOutsideOfTheBodyIsRefused) {
  for (const std::vector<int64_t>& buffer :
       {std::vector<int64_t>{0, 65}, {64, 1}, {-8, 8}, {0, -1}, {INT64_MAX, INT64_MAX}}) {
    const auto message = ReadArrowMessage(ArrowRecordBatchMessage({1, {1, 0}, buffer, 64}));
    EXPECT_THAT(message.status().message(), HasSubstr("a buffer outside of the body"));
  }
}

TEST(ArrowMetadataTest, OtherMessagesAreRefused) {
  const std::string schema = ArrowSchemaMessage(EveryType());
  const std::string batch = ArrowRecordBatchMessage({0, {}, {}, 0});
  EXPECT_EQ(ReadArrowMessage(schema).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadArrowSchema(batch).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadArrowSchema("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadArrowMessage("no flatbuffer at all").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ArrowMetadataTest, BytesThatAreWrongAreReadOrRefused) {
  const std::string schema = ArrowSchemaMessage(EveryType());
  const std::string batch = ArrowDictionaryMessage(1, {3, {3, 1, 3, 0}, {0, 1, 64, 24}, 128});
  for (const std::string& whole : {schema, batch}) {
    for (size_t i = 0; i < whole.size(); ++i) {
      for (const int byte : {0, 1, 0x7F, 0x80, 0xFF}) {
        std::string bytes = whole;
        bytes[i] = static_cast<char>(byte);
        ReadArrowSchema(bytes).IgnoreError();
        ReadArrowMessage(bytes).IgnoreError();
        ReadArrowMessage(std::string_view(bytes).substr(0, i)).IgnoreError();
      }
    }
  }
}

TEST(ArrowMetadataTest, ABodyBeginsAtAMultipleOfSixtyFourBytes) {
  const std::string metadata(40, 'm');
  for (const int64_t position : {0, 8, 56, 64, 200}) {
    const std::string bytes = ArrowEncapsulated(metadata, position);
    EXPECT_EQ((static_cast<size_t>(position) + bytes.size()) % 64, 0u);
    EXPECT_EQ(bytes.substr(0, 4), "\xFF\xFF\xFF\xFF");
    EXPECT_EQ(static_cast<size_t>(static_cast<unsigned char>(bytes[4])), bytes.size() - 8);
    EXPECT_EQ(bytes.substr(8, 40), metadata);
  }
}

TEST(ArrowMetadataTest, AFooterHasTheSchemaAndTheBlocks) {
  const std::string schema = ArrowSchemaMessage(EveryType());
  const ArrowBlock dictionary = {64, 128, 192};
  const ArrowBlock batches[] = {{384, 256, 64}, {704, 256, 128}};
  const absl::StatusOr<std::string> footer = ArrowFooter(schema, {&dictionary, 1}, batches);
  ASSERT_TRUE(footer.ok());
  const std::optional<FlatTable> table = FlatTable::Root(*footer);
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->Scalar<int16_t>(0, -1), 4);  // V5
  EXPECT_EQ(table->Table(1)->Tables(1).size(), EveryType().fields.size());
  EXPECT_THAT(table->StructWords(2, 3), ElementsAre(64, 128, 192));
  EXPECT_THAT(table->StructWords(3, 3), ElementsAre(384, 256, 64, 704, 256, 128));
}

TEST(ArrowMetadataTest, AFooterNeedsASchema) {
  EXPECT_FALSE(ArrowFooter(ArrowRecordBatchMessage({0, {}, {}, 0}), {}, {}).ok());
  EXPECT_FALSE(ArrowFooter("nothing", {}, {}).ok());
}

}  // namespace
}  // namespace sextant
