#include "service/wire/protobuf_bytes.h"

#include <algorithm>
#include <array>
#include <bit>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace sextant {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr size_t kMaxVarintBytes = 10;
/// So many numbers are written before their bytes are appended.
constexpr size_t kNumbersAtOnce = 64;

/// Writes up to ten bytes to `target`; returns their end. Most numbers of an answer are of one or
/// two bytes, in no order that could be foreseen: these without a branch that tells them apart.
char* WriteVarint(uint64_t value, char* target) {
  if (value < (1 << 14)) {
    const bool has_second = value >= 0x80;
    target[0] = static_cast<char>((value & 0x7f) | (has_second ? 0x80 : 0));
    target[1] = static_cast<char>(value >> 7);
    return target + 1 + (has_second ? 1 : 0);
  }
  auto* const bytes = reinterpret_cast<uint8_t*>(target);
  return reinterpret_cast<char*>(CodedOutputStream::WriteVarint64ToArray(value, bytes));
}

void AppendVarint(uint64_t value, std::string& bytes) {
  std::array<char, kMaxVarintBytes> buffer;
  bytes.append(buffer.data(), WriteVarint(value, buffer.data()));
}

void AppendTag(int field, WireFormatLite::WireType type, std::string& bytes) {
  AppendVarint(WireFormatLite::MakeTag(field, type), bytes);
}

}  // namespace

void ProtobufBytes::AddUnsigned(int field, uint64_t value) {
  if (value == 0) return;
  AppendTag(field, WireFormatLite::WIRETYPE_VARINT, bytes_);
  AppendVarint(value, bytes_);
}

void ProtobufBytes::AddBytes(int field, std::string_view bytes) {
  AppendTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, bytes_);
  AppendVarint(bytes.size(), bytes_);
  bytes_.append(bytes);
}

template <typename Value>
void ProtobufBytes::AddVarints(int field, std::span<const Value> values) {
  if (values.empty()) return;
  const Nested packed = Begin(field, values.size());
  std::array<char, kNumbersAtOnce * kMaxVarintBytes> buffer;
  for (size_t begin = 0; begin < values.size(); begin += kNumbersAtOnce) {
    char* end = buffer.data();
    const size_t count = std::min(kNumbersAtOnce, values.size() - begin);
    for (const Value value : values.subspan(begin, count)) {
      end = WriteVarint(static_cast<uint64_t>(value), end);
    }
    bytes_.append(buffer.data(), end);
  }
  End(packed);
}

void ProtobufBytes::AddIntegers(int field, std::span<const int64_t> values) {
  AddVarints(field, values);
}

void ProtobufBytes::AddCodes(int field, std::span<const uint32_t> values) {
  AddVarints(field, values);
}

void ProtobufBytes::AddFloats(int field, std::span<const double> values) {
  static_assert(std::endian::native == std::endian::little, "as on the wire");
  if (values.empty()) return;
  AddBytes(field, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

ProtobufBytes::Nested ProtobufBytes::Begin(int field, size_t expected_bytes) {
  AppendTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, bytes_);
  const size_t num_length_bytes = CodedOutputStream::VarintSize64(expected_bytes);
  bytes_.append(num_length_bytes, '\0');
  return {bytes_.size(), num_length_bytes};
}

std::string_view ProtobufBytes::End(Nested nested) {
  const size_t size_bytes = bytes_.size() - nested.begin;
  std::array<char, kMaxVarintBytes> length;
  const char* const length_end = WriteVarint(size_bytes, length.data());
  bytes_.replace(nested.begin - nested.num_length_bytes, nested.num_length_bytes, length.data(),
                 static_cast<size_t>(length_end - length.data()));
  return std::string_view(bytes_).substr(bytes_.size() - size_bytes);
}

}  // namespace sextant
