#include "service/wire/frame.h"

#include <cstdint>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr int kLengthDelimited = 2;  // protobuf's wire type of messages

void AppendVarint(uint64_t value, std::string& bytes) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}

}  // namespace

std::string FrameOf(FrameField field, const google::protobuf::MessageLite& message) {
  const size_t size_bytes = message.ByteSizeLong();
  std::string frame;
  AppendVarint(static_cast<uint64_t>(field) << 3 | kLengthDelimited, frame);
  AppendVarint(size_bytes, frame);
  const size_t begin = frame.size();
  frame.resize(begin + size_bytes);
  auto* const target = reinterpret_cast<uint8_t*>(frame.data() + begin);
  SEXTANT_CHECK(message.SerializeWithCachedSizesToArray(target) == target + size_bytes);
  return frame;
}

}  // namespace sextant
