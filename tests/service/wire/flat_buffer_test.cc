#include "service/wire/flat_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sextant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Offset = FlatBufferWriter::Offset;

/// A table of a 16-bit 7 in field 0, the text "abc" in field 2, and nothing in field 1.
std::string SmallBuffer() {
  FlatBufferWriter writer;
  const Offset text = writer.String("abc");
  writer.BeginTable();
  writer.Reference(2, text);
  writer.Scalar<int16_t>(0, 7);
  return writer.Finish(writer.EndTable());
}

TEST(FlatBufferTest, TheBytesAreThoseOfTheFormat) {
  const uint8_t wanted[] = {20, 0, 0,  0,          // the root table is at 20
                            0,  0, 0,  0, 0,   0,  // the buffer is a multiple of 8
                            10, 0, 12, 0,          // vtable of 10 bytes, table of 12 bytes
                            6,  0, 0,  0, 8,   0,  // field 0 at 6, field 1 absent, field 2 at 8
                            10, 0, 0,  0,          // the vtable is 10 before the table
                            0,  0, 7,  0,          // padding, then field 0
                            4,  0, 0,  0,          // field 2: the text is 4 from here
                            3,  0, 0,  0, 'a', 'b', 'c', 0};
  EXPECT_EQ(SmallBuffer(), std::string(reinterpret_cast<const char*>(wanted), sizeof(wanted)));
}

TEST(FlatBufferTest, WhatWasWrittenIsRead) {
  const std::string bytes = SmallBuffer();
  const std::optional<FlatTable> table = FlatTable::Root(bytes);
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->Scalar<int16_t>(0, -1), 7);
  EXPECT_EQ(table->String(2), "abc");
}

TEST(FlatBufferTest, AFieldThatIsNotThereHasItsDefault) {
  const std::string bytes = SmallBuffer();
  const std::optional<FlatTable> table = FlatTable::Root(bytes);
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->Scalar<int64_t>(1, 42), 42);
  EXPECT_EQ(table->Scalar<int64_t>(9, 43), 43);
  EXPECT_EQ(table->String(1), std::nullopt);
  EXPECT_FALSE(table->Table(1).has_value());
  EXPECT_THAT(table->Tables(9), IsEmpty());
  EXPECT_THAT(table->StructWords(1, 2), IsEmpty());
}

TEST(FlatBufferTest, StructsBeginAtMultiplesOfEightBytes) {
  FlatBufferWriter writer;
  const Offset text = writer.String("x");
  const Offset structs = writer.StructVector(std::vector<int64_t>{1, -2, 3, 4}, 2);
  writer.BeginTable();
  writer.Scalar<uint8_t>(0, 1);
  writer.Reference(1, structs);
  writer.Reference(2, text);
  const std::string bytes = writer.Finish(writer.EndTable());
  EXPECT_EQ(bytes.size() % 8, 0u);
  const std::optional<FlatTable> table = FlatTable::Root(bytes);
  ASSERT_TRUE(table.has_value());
  EXPECT_THAT(table->StructWords(1, 2), ElementsAre(1, -2, 3, 4));
  EXPECT_EQ(bytes.find(std::string("\1\0\0\0\0\0\0\0\xFE\xFF", 10)) % 8, 0u);
}

TEST(FlatBufferTest, ABufferIsEmbeddedInAnother) {
  const std::string inner = SmallBuffer();
  FlatBufferWriter writer;
  const Offset odd = writer.String("odd");
  const Offset embedded = writer.Embed(inner, FlatTable::Root(inner)->position());
  writer.BeginTable();
  writer.Reference(0, embedded);
  writer.Reference(1, odd);
  const std::string bytes = writer.Finish(writer.EndTable());
  const std::optional<FlatTable> table = FlatTable::Root(bytes)->Table(0);
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->Scalar<int16_t>(0, -1), 7);
  EXPECT_EQ(table->String(2), "abc");
}

TEST(FlatBufferTest, ABufferThatIsCutOffIsReadAsFarAsItGoes) {
  const std::string whole = SmallBuffer();
  for (size_t size = 0; size < whole.size() - 1; ++size) {
    const std::string bytes = whole.substr(0, size);
    const std::optional<FlatTable> table = FlatTable::Root(bytes);
    EXPECT_FALSE(table.has_value() && table->String(2).has_value()) << size;
  }
}

TEST(FlatBufferTest, NoByteThatIsWrongLeadsOutOfTheBuffer) {
  const std::string whole = SmallBuffer();
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const int byte : {0, 1, 0x7F, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(byte);
      const std::optional<FlatTable> table = FlatTable::Root(bytes);
      if (!table.has_value()) continue;
      table->Scalar<int64_t>(0, 0);
      table->String(2);
      table->Tables(2);
      table->StructWords(2, 2);
      if (const std::optional<FlatTable> child = table->Table(2)) child->String(0);
    }
  }
}

TEST(FlatBufferTest, NothingIsNoTable) { EXPECT_FALSE(FlatTable::Root("").has_value()); }

}  // namespace
}  // namespace sextant
