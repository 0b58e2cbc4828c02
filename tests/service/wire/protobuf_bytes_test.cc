#include "service/wire/protobuf_bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "sextant/v1/result.pb.h"

namespace sextant {
namespace {

constexpr size_t kExpectedBytes = 10;

TEST(ProtobufBytesTest, IntegersOfEveryLengthAreThoseOfTheMessage) {
  v1::IntColumn message;
  for (int bits = 0; bits < 64; ++bits) {
    for (const uint64_t near : {0, 1, 2}) {
      message.add_values(static_cast<int64_t>((uint64_t{1} << bits) + near - 1));
    }
  }
  message.add_values(-1);
  message.add_values(std::numeric_limits<int64_t>::min());
  ProtobufBytes bytes(kExpectedBytes);
  bytes.AddIntegers(v1::IntColumn::kValuesFieldNumber,
                    std::vector<int64_t>(message.values().begin(), message.values().end()));
  EXPECT_EQ(bytes.Take(), message.SerializeAsString());
}

TEST(ProtobufBytesTest, CodesAreThoseOfTheMessage) {
  v1::TextColumn message;
  for (const uint32_t code : {0u, 127u, 128u, 16'383u, 16'384u, 0xffff'ffffu}) {
    message.add_codes(code);
  }
  ProtobufBytes bytes(kExpectedBytes);
  bytes.AddCodes(v1::TextColumn::kCodesFieldNumber,
                 std::vector<uint32_t>(message.codes().begin(), message.codes().end()));
  EXPECT_EQ(bytes.Take(), message.SerializeAsString());
}

TEST(ProtobufBytesTest, NoNumbersAreNoField) {
  ProtobufBytes bytes(kExpectedBytes);
  bytes.AddIntegers(1, {});
  bytes.AddCodes(2, {});
  bytes.AddFloats(3, {});
  bytes.AddUnsigned(4, 0);
  EXPECT_EQ(bytes.Take(), "");
}

TEST(ProtobufBytesTest, ANestedMessageMayBeOfAnotherLengthThanWasExpected) {
  for (const size_t expected_bytes : {0u, 127u, 128u, 20'000u}) {
    for (const size_t text_bytes : {0u, 1u, 100u, 127u, 128u, 16'383u, 16'384u}) {
      v1::ListColumn message;
      message.mutable_elements()->mutable_texts()->add_values(std::string(text_bytes, 'x'));
      ProtobufBytes bytes(kExpectedBytes);
      const auto elements = bytes.Begin(v1::ListColumn::kElementsFieldNumber, expected_bytes);
      const auto texts = bytes.Begin(v1::ColumnData::kTextsFieldNumber, expected_bytes);
      bytes.AddBytes(v1::TextColumn::kValuesFieldNumber, std::string(text_bytes, 'x'));
      bytes.End(texts);
      EXPECT_EQ(bytes.End(elements), message.elements().SerializeAsString());
      EXPECT_EQ(bytes.Take(), message.SerializeAsString());
    }
  }
}

}  // namespace
}  // namespace sextant
