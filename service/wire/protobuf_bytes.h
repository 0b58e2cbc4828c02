#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sextant {

/// The bytes of a protobuf message, written field by field without an object of it: those of the
/// object, where fields are added in the order of their numbers. Thread-safety: none.
class ProtobufBytes {
 public:
  /// A message inside of this one, begun and not ended.
  struct Nested {
    size_t begin = 0;  // of its content
    size_t num_length_bytes = 0;
  };

  explicit ProtobufBytes(size_t expected_bytes) { bytes_.reserve(expected_bytes); }

  /// Nothing where it is 0, which is what an absent one means.
  void AddUnsigned(int field, uint64_t value);
  void AddBytes(int field, std::string_view bytes);
  /// Packed; nothing of no values. Integers below zero take ten bytes each, as of int64.
  void AddIntegers(int field, std::span<const int64_t> values);
  void AddCodes(int field, std::span<const uint32_t> values);
  void AddFloats(int field, std::span<const double> values);

  /// What is added until End is the content of `field`. Nests. End is quick where the length of the
  /// content takes as many bytes as `expected_bytes`; else it moves the content.
  Nested Begin(int field, size_t expected_bytes);
  /// Returns the content, which stays where it is until the next addition.
  std::string_view End(Nested nested);

  std::string Take() { return std::move(bytes_); }

 private:
  template <typename Value>
  void AddVarints(int field, std::span<const Value> values);

  std::string bytes_;
};

}  // namespace sextant
