#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sextant {

/// Writes one flatbuffer (flatbuffers.dev, "Internals") from its last byte to its first, as much of
/// the format as the metadata of Arrow needs. Children are written before their parents; an Offset
/// names what was written. Not thread-safe.
class FlatBufferWriter {
 public:
  /// The distance of an object from the end of the buffer.
  struct Offset {
    uint32_t from_end = 0;
  };

  Offset String(std::string_view text);
  /// A vector of references to tables or strings.
  Offset OffsetVector(std::span<const Offset> elements);
  /// A vector of structs that consist of 8-byte words. REQUIRES: `words` is a whole number of
  /// structs.
  Offset StructVector(std::span<const int64_t> words, size_t words_per_struct);
  /// A finished flatbuffer as it is; what it has at byte `position` may be referred to.
  Offset Embed(std::string_view flatbuffer, size_t position);

  /// Begins a table; until EndTable only its fields may be written, each at most once. A field that
  /// is not written has its default, which is the reader's business.
  void BeginTable();
  template <typename T>
  void Scalar(size_t field, T value) {
    Align(sizeof(T), sizeof(T));
    Prepend(&value, sizeof(T));
    NoteField(field);
  }
  void Reference(size_t field, Offset target);
  Offset EndTable();

  /// The buffer, a multiple of 8 bytes long. Nothing may be written after it.
  std::string Finish(Offset root);

 private:
  uint32_t size() const { return static_cast<uint32_t>(reversed_.size()); }
  /// Pads so that an object of `num_bytes` that follows begins at a multiple of `alignment`.
  void Align(size_t num_bytes, size_t alignment);
  void Prepend(const void* bytes, size_t num_bytes);
  void PrependReference(Offset target);
  void NoteField(size_t field);

  std::string reversed_;
  uint32_t table_end_ = 0;
  std::vector<uint32_t> fields_;  // where the fields of the table begin, from the end; 0: absent
};

/// Reads a table of a flatbuffer that somebody else wrote: whatever the bytes are, nothing outside
/// them is read, and what does not fit is absent. Valid as long as the bytes are. Thread-safe.
class FlatTable {
 public:
  /// The root table; std::nullopt when there is none.
  static std::optional<FlatTable> Root(std::string_view bytes);

  /// Where the table begins in the buffer.
  size_t position() const { return position_; }

  template <typename T>
  T Scalar(size_t field, T default_value) const {
    const std::optional<size_t> at = FieldPosition(field);
    return at.has_value() ? Load<T>(*at).value_or(default_value) : default_value;
  }
  std::optional<std::string_view> String(size_t field) const;
  std::optional<FlatTable> Table(size_t field) const;
  /// The tables of a vector; none when the field is absent or broken.
  std::vector<FlatTable> Tables(size_t field) const;
  /// The words of a vector of structs; none when the field is absent or broken.
  std::vector<int64_t> StructWords(size_t field, size_t words_per_struct) const;

 private:
  FlatTable(std::string_view bytes, size_t position) : bytes_(bytes), position_(position) {}

  template <typename T>
  std::optional<T> Load(size_t position) const {
    if (position > bytes_.size() || bytes_.size() - position < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + position, sizeof(T));
    return value;
  }
  std::optional<size_t> FieldPosition(size_t field) const;
  /// Where the reference at `position` leads.
  std::optional<size_t> Follow(size_t position) const;
  /// Of the vector that `field` refers to: where its elements begin, and how many there are.
  struct Elements {
    size_t position = 0;
    size_t count = 0;
  };
  std::optional<Elements> Vector(size_t field, size_t bytes_per_element) const;

  std::string_view bytes_;
  size_t position_;
};

}  // namespace sextant
