#include "service/wire/flat_buffer.h"

#include <algorithm>
#include <bit>

#include "compute/memory/check.h"

namespace sextant {

static_assert(std::endian::native == std::endian::little, "flatbuffers are little-endian");

namespace {

constexpr size_t kAlignment = 8;
constexpr size_t kWordBytes = sizeof(int64_t);

}  // namespace

void FlatBufferWriter::Align(size_t num_bytes, size_t alignment) {
  const size_t rest = (reversed_.size() + num_bytes) % alignment;
  if (rest != 0) reversed_.append(alignment - rest, '\0');
}

void FlatBufferWriter::Prepend(const void* bytes, size_t num_bytes) {
  const auto* begin = static_cast<const char*>(bytes);
  reversed_.append(std::reverse_iterator(begin + num_bytes), std::reverse_iterator(begin));
}

void FlatBufferWriter::PrependReference(Offset target) {
  Align(sizeof(uint32_t), sizeof(uint32_t));
  const uint32_t distance = size() + static_cast<uint32_t>(sizeof(uint32_t)) - target.from_end;
  Prepend(&distance, sizeof(distance));
}

FlatBufferWriter::Offset FlatBufferWriter::String(std::string_view text) {
  Align(text.size() + 1, sizeof(uint32_t));
  reversed_.push_back('\0');
  Prepend(text.data(), text.size());
  const auto length = static_cast<uint32_t>(text.size());
  Prepend(&length, sizeof(length));
  return {size()};
}

FlatBufferWriter::Offset FlatBufferWriter::OffsetVector(std::span<const Offset> elements) {
  Align(0, sizeof(uint32_t));
  for (size_t i = elements.size(); i-- > 0;) PrependReference(elements[i]);
  const auto count = static_cast<uint32_t>(elements.size());
  Prepend(&count, sizeof(count));
  return {size()};
}

FlatBufferWriter::Offset FlatBufferWriter::StructVector(std::span<const int64_t> words,
                                                        size_t words_per_struct) {
  SEXTANT_CHECK(words.size() % words_per_struct == 0);
  Align(words.size_bytes(), kAlignment);
  Prepend(words.data(), words.size_bytes());
  const auto count = static_cast<uint32_t>(words.size() / words_per_struct);
  Prepend(&count, sizeof(count));
  return {size()};
}

FlatBufferWriter::Offset FlatBufferWriter::Embed(std::string_view flatbuffer, size_t position) {
  Align(flatbuffer.size(), kAlignment);
  Prepend(flatbuffer.data(), flatbuffer.size());
  return {size() - static_cast<uint32_t>(position)};
}

void FlatBufferWriter::BeginTable() {
  fields_.clear();
  table_end_ = size();
}

void FlatBufferWriter::NoteField(size_t field) {
  if (fields_.size() <= field) fields_.resize(field + 1);
  fields_[field] = size();
}

void FlatBufferWriter::Reference(size_t field, Offset target) {
  PrependReference(target);
  NoteField(field);
}

FlatBufferWriter::Offset FlatBufferWriter::EndTable() {
  // The table begins with the distance to its vtable, which is put directly before it.
  const auto vtable_bytes = static_cast<uint16_t>((fields_.size() + 2) * sizeof(uint16_t));
  Align(sizeof(int32_t), sizeof(int32_t));
  const int32_t vtable_distance = vtable_bytes;
  Prepend(&vtable_distance, sizeof(vtable_distance));
  const uint32_t table = size();
  for (size_t field = fields_.size(); field-- > 0;) {
    const auto position = static_cast<uint16_t>(fields_[field] == 0 ? 0 : table - fields_[field]);
    Prepend(&position, sizeof(position));
  }
  const auto table_bytes = static_cast<uint16_t>(table - table_end_);
  Prepend(&table_bytes, sizeof(table_bytes));
  Prepend(&vtable_bytes, sizeof(vtable_bytes));
  return {table};
}

std::string FlatBufferWriter::Finish(Offset root) {
  Align(sizeof(uint32_t), kAlignment);
  PrependReference(root);
  std::reverse(reversed_.begin(), reversed_.end());
  return std::move(reversed_);
}

std::optional<FlatTable> FlatTable::Root(std::string_view bytes) {
  const std::optional<size_t> root = FlatTable(bytes, 0).Follow(0);
  if (!root.has_value()) return std::nullopt;
  return FlatTable(bytes, *root);
}

std::optional<size_t> FlatTable::Follow(size_t position) const {
  const std::optional<uint32_t> distance = Load<uint32_t>(position);
  if (!distance.has_value() || *distance == 0) return std::nullopt;
  const size_t target = position + *distance;
  if (target >= bytes_.size()) return std::nullopt;
  return target;
}

std::optional<size_t> FlatTable::FieldPosition(size_t field) const {
  const std::optional<int32_t> distance = Load<int32_t>(position_);
  if (!distance.has_value()) return std::nullopt;
  const int64_t vtable = static_cast<int64_t>(position_) - *distance;
  if (vtable < 0) return std::nullopt;
  const auto vtable_position = static_cast<size_t>(vtable);
  const size_t entry = (field + 2) * sizeof(uint16_t);
  if (Load<uint16_t>(vtable_position).value_or(0) < entry + sizeof(uint16_t)) return std::nullopt;
  const uint16_t offset = Load<uint16_t>(vtable_position + entry).value_or(0);
  if (offset == 0) return std::nullopt;
  return position_ + offset;
}

std::optional<FlatTable::Elements> FlatTable::Vector(size_t field, size_t bytes_per_element) const {
  const std::optional<size_t> at = FieldPosition(field);
  if (!at.has_value()) return std::nullopt;
  const std::optional<size_t> vector = Follow(*at);
  if (!vector.has_value()) return std::nullopt;
  const std::optional<uint32_t> count = Load<uint32_t>(*vector);
  if (!count.has_value()) return std::nullopt;
  const size_t begin = *vector + sizeof(uint32_t);
  if ((bytes_.size() - begin) / bytes_per_element < *count) return std::nullopt;
  return Elements{begin, *count};
}

std::optional<std::string_view> FlatTable::String(size_t field) const {
  const std::optional<Elements> text = Vector(field, 1);
  if (!text.has_value()) return std::nullopt;
  return bytes_.substr(text->position, text->count);
}

std::optional<FlatTable> FlatTable::Table(size_t field) const {
  const std::optional<size_t> at = FieldPosition(field);
  if (!at.has_value()) return std::nullopt;
  const std::optional<size_t> table = Follow(*at);
  if (!table.has_value()) return std::nullopt;
  return FlatTable(bytes_, *table);
}

std::vector<FlatTable> FlatTable::Tables(size_t field) const {
  std::vector<FlatTable> tables;
  const std::optional<Elements> elements = Vector(field, sizeof(uint32_t));
  if (!elements.has_value()) return tables;
  for (size_t i = 0; i < elements->count; ++i) {
    const std::optional<size_t> table = Follow(elements->position + i * sizeof(uint32_t));
    if (!table.has_value()) return {};
    tables.push_back(FlatTable(bytes_, *table));
  }
  return tables;
}

std::vector<int64_t> FlatTable::StructWords(size_t field, size_t words_per_struct) const {
  const std::optional<Elements> elements = Vector(field, words_per_struct * kWordBytes);
  if (!elements.has_value() || elements->count == 0) return {};
  std::vector<int64_t> words(elements->count * words_per_struct);
  std::memcpy(words.data(), bytes_.data() + elements->position, words.size() * kWordBytes);
  return words;
}

}  // namespace sextant
