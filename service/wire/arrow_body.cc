#include "service/wire/arrow_body.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "compute/memory/check.h"

namespace sextant {
namespace {

constexpr size_t kBufferAlignment = 64;

}  // namespace

ArrowBody::ArrowBody(size_t num_rows) { layout_.num_rows = static_cast<int64_t>(num_rows); }

void ArrowBody::AddNode(size_t num_rows, std::span<const uint8_t> valid) {
  const auto num_nulls = std::count(valid.begin(), valid.end(), uint8_t{0});
  layout_.nodes.push_back(static_cast<int64_t>(num_rows));
  layout_.nodes.push_back(num_nulls);
  if (num_nulls > 0) return AddBits(valid);
  AddBuffer(nullptr, 0);
}

void ArrowBody::AddBits(std::span<const uint8_t> flags) {
  std::string bits((flags.size() + 7) / 8, '\0');
  for (size_t row = 0; row < flags.size(); ++row) {
    if (flags[row] != 0) bits[row / 8] = static_cast<char>(bits[row / 8] | (1 << (row % 8)));
  }
  AddBuffer(bits.data(), bits.size());
}

void ArrowBody::AddTexts(std::span<const std::string_view> texts) {
  std::vector<int32_t> offsets;
  offsets.reserve(texts.size() + 1);
  offsets.push_back(0);
  std::string bytes;
  for (const std::string_view text : texts) {
    bytes.append(text);
    SEXTANT_CHECK(bytes.size() <= std::numeric_limits<int32_t>::max());
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  AddFixedWidth<int32_t>(offsets);
  AddBuffer(bytes.data(), bytes.size());
}

void ArrowBody::AddBuffer(const void* bytes, size_t num_bytes) {
  layout_.buffers.push_back(static_cast<int64_t>(bytes_.size()));
  layout_.buffers.push_back(static_cast<int64_t>(num_bytes));
  if (num_bytes > 0) bytes_.append(static_cast<const char*>(bytes), num_bytes);
  const size_t rest = bytes_.size() % kBufferAlignment;
  if (rest != 0) bytes_.append(kBufferAlignment - rest, '\0');
  layout_.body_bytes = static_cast<int64_t>(bytes_.size());
}

}  // namespace sextant
