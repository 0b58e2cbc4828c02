#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "service/wire/arrow_metadata.h"

namespace sextant {

/// The body of one message, in which every buffer begins at a multiple of 64 bytes, and the layout
/// that its metadata tells. A column is a node, then its buffers. Not thread-safe.
class ArrowBody {
 public:
  explicit ArrowBody(size_t num_rows);

  /// Begins a column: its length, how many NULLs it has (valid[row] == 0), and its validity bits,
  /// which a column without NULLs lacks. `valid` may be empty: no NULLs.
  void AddNode(size_t num_rows, std::span<const uint8_t> valid);
  template <typename T>
  void AddFixedWidth(std::span<const T> values) {
    AddBuffer(values.data(), values.size_bytes());
  }
  /// One bit per flag.
  void AddBits(std::span<const uint8_t> flags);
  /// Offsets and bytes.
  void AddTexts(std::span<const std::string_view> texts);

  const ArrowLayout& layout() const { return layout_; }
  std::string TakeBytes() { return std::move(bytes_); }

 private:
  void AddBuffer(const void* bytes, size_t num_bytes);

  ArrowLayout layout_;
  std::string bytes_;
};

}  // namespace sextant
