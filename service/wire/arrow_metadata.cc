#include "service/wire/arrow_metadata.h"

#include "absl/status/status.h"
#include "service/wire/arrow_tables.h"
#include "service/wire/flat_buffer.h"

namespace sextant {
namespace {

using Offset = FlatBufferWriter::Offset;

constexpr size_t kBodyAlignment = 64;
constexpr size_t kPrefixBytes = 8;

Offset WriteInt(FlatBufferWriter& writer, int32_t bits) {
  writer.BeginTable();
  writer.Scalar<int32_t>(0, bits);
  writer.Scalar<uint8_t>(1, 1);  // signed
  return writer.EndTable();
}

struct WrittenType {
  ArrowTypeMember member;
  Offset table;
};

/// A table with nothing but 16-bit fields, the units and precisions of some types.
Offset WriteUnit(FlatBufferWriter& writer, int16_t unit) {
  writer.BeginTable();
  writer.Scalar<int16_t>(0, unit);
  return writer.EndTable();
}

Offset WriteEmpty(FlatBufferWriter& writer) {
  writer.BeginTable();
  return writer.EndTable();
}

Offset WriteDecimal(FlatBufferWriter& writer, const ArrowField& field) {
  writer.BeginTable();
  writer.Scalar<int32_t>(0, field.precision);
  writer.Scalar<int32_t>(1, field.scale);
  writer.Scalar<int32_t>(2, 128);
  return writer.EndTable();
}

Offset WriteTimestamp(FlatBufferWriter& writer, const ArrowField& field) {
  constexpr int16_t kMicroseconds = 2;
  const Offset zone = writer.String(field.time_zone);
  writer.BeginTable();
  writer.Scalar<int16_t>(0, kMicroseconds);
  writer.Reference(1, zone);
  return writer.EndTable();
}

WrittenType WriteType(FlatBufferWriter& writer, const ArrowField& field) {
  constexpr int16_t kDouble = 2;
  constexpr int16_t kDays = 0;
  switch (field.kind) {
    case ArrowKind::kBool:
      return {kBoolType, WriteEmpty(writer)};
    case ArrowKind::kInt32:
      return {kIntType, WriteInt(writer, 32)};
    case ArrowKind::kInt64:
      return {kIntType, WriteInt(writer, 64)};
    case ArrowKind::kFloat64:
      return {kFloatingPointType, WriteUnit(writer, kDouble)};
    case ArrowKind::kUtf8:
      return {kUtf8Type, WriteEmpty(writer)};
    case ArrowKind::kDate32:
      return {kDateType, WriteUnit(writer, kDays)};
    case ArrowKind::kTimestampUs:
      return {kTimestampType, WriteTimestamp(writer, field)};
    case ArrowKind::kDecimal128:
      return {kDecimalType, WriteDecimal(writer, field)};
    case ArrowKind::kList:
      break;
  }
  return {kListType, WriteEmpty(writer)};
}

/// A vector of KeyValue.
Offset WritePairs(FlatBufferWriter& writer, const ArrowPairs& pairs) {
  std::vector<Offset> tables;
  for (const auto& [key, value] : pairs) {
    const Offset key_text = writer.String(key);
    const Offset value_text = writer.String(value);
    writer.BeginTable();
    writer.Reference(0, key_text);
    writer.Reference(1, value_text);
    tables.push_back(writer.EndTable());
  }
  return writer.OffsetVector(tables);
}

Offset WriteDictionaryEncoding(FlatBufferWriter& writer, int64_t id) {
  const Offset index_type = WriteInt(writer, 32);
  writer.BeginTable();
  writer.Scalar<int64_t>(DictionaryEncodingField::kId, id);
  writer.Reference(DictionaryEncodingField::kIndexType, index_type);
  return writer.EndTable();
}

Offset WriteFields(FlatBufferWriter& writer, std::span<const ArrowField> fields);

Offset WriteField(FlatBufferWriter& writer, const ArrowField& field) {
  const Offset name = writer.String(field.name);
  const WrittenType type = WriteType(writer, field);
  std::optional<Offset> dictionary;
  if (field.dictionary_id) dictionary = WriteDictionaryEncoding(writer, *field.dictionary_id);
  const Offset children = WriteFields(writer, field.children);
  const Offset metadata = WritePairs(writer, field.metadata);
  writer.BeginTable();
  writer.Reference(FieldField::kName, name);
  writer.Scalar<uint8_t>(FieldField::kNullable, 1);
  writer.Scalar<uint8_t>(FieldField::kTypeType, type.member);
  writer.Reference(FieldField::kType, type.table);
  if (dictionary) writer.Reference(FieldField::kDictionary, *dictionary);
  writer.Reference(FieldField::kChildren, children);
  if (!field.metadata.empty()) writer.Reference(FieldField::kMetadata, metadata);
  return writer.EndTable();
}

Offset WriteFields(FlatBufferWriter& writer, std::span<const ArrowField> fields) {
  std::vector<Offset> tables;
  for (const ArrowField& field : fields) tables.push_back(WriteField(writer, field));
  return writer.OffsetVector(tables);
}

Offset WriteRecordBatch(FlatBufferWriter& writer, const ArrowLayout& layout) {
  const Offset nodes = writer.StructVector(layout.nodes, kWordsPerNode);
  const Offset buffers = writer.StructVector(layout.buffers, kWordsPerBuffer);
  writer.BeginTable();
  writer.Scalar<int64_t>(RecordBatchField::kNumRows, layout.num_rows);
  writer.Reference(RecordBatchField::kNodes, nodes);
  writer.Reference(RecordBatchField::kBuffers, buffers);
  return writer.EndTable();
}

std::string FinishMessage(FlatBufferWriter& writer, ArrowHeaderMember type, Offset header,
                          int64_t body_bytes) {
  writer.BeginTable();
  writer.Scalar<int64_t>(MessageField::kBodyBytes, body_bytes);
  writer.Reference(MessageField::kHeader, header);
  writer.Scalar<int16_t>(MessageField::kVersion, kArrowMetadataVersion5);
  writer.Scalar<uint8_t>(MessageField::kHeaderType, type);
  return writer.Finish(writer.EndTable());
}

Offset WriteBlocks(FlatBufferWriter& writer, std::span<const ArrowBlock> blocks) {
  std::vector<int64_t> words;
  for (const ArrowBlock& block : blocks) {
    // The second word is 4 bytes and as many of padding.
    words.insert(words.end(), {block.offset, block.metadata_bytes, block.body_bytes});
  }
  return writer.StructVector(words, kWordsPerBlock);
}

absl::Status NoSchema() {
  return absl::InvalidArgumentError(
      "Arrow footer: found no schema message, allowed: one of version V5");
}

}  // namespace

std::string ArrowSchemaMessage(const ArrowSchema& schema) {
  FlatBufferWriter writer;
  const Offset field_tables = WriteFields(writer, schema.fields);
  const Offset pairs = WritePairs(writer, schema.metadata);
  writer.BeginTable();
  writer.Scalar<int16_t>(SchemaField::kEndianness, 0);  // little
  writer.Reference(SchemaField::kFields, field_tables);
  writer.Reference(SchemaField::kMetadata, pairs);
  return FinishMessage(writer, kSchemaHeader, writer.EndTable(), 0);
}

std::string ArrowRecordBatchMessage(const ArrowLayout& layout) {
  FlatBufferWriter writer;
  const Offset batch = WriteRecordBatch(writer, layout);
  return FinishMessage(writer, kRecordBatchHeader, batch, layout.body_bytes);
}

std::string ArrowDictionaryMessage(int64_t dictionary_id, const ArrowLayout& layout) {
  FlatBufferWriter writer;
  const Offset batch = WriteRecordBatch(writer, layout);
  writer.BeginTable();
  writer.Scalar<int64_t>(DictionaryBatchField::kId, dictionary_id);
  writer.Reference(DictionaryBatchField::kData, batch);
  return FinishMessage(writer, kDictionaryHeader, writer.EndTable(), layout.body_bytes);
}

absl::StatusOr<std::string> ArrowFooter(std::string_view schema_message,
                                        std::span<const ArrowBlock> dictionaries,
                                        std::span<const ArrowBlock> record_batches) {
  const std::optional<FlatTable> message = FlatTable::Root(schema_message);
  if (!message.has_value() ||
      message->Scalar<uint8_t>(MessageField::kHeaderType, 0) != kSchemaHeader) {
    return NoSchema();
  }
  const std::optional<FlatTable> schema = message->Table(MessageField::kHeader);
  if (!schema.has_value()) return NoSchema();
  FlatBufferWriter writer;
  const Offset schema_table = writer.Embed(schema_message, schema->position());
  const Offset dictionary_blocks = WriteBlocks(writer, dictionaries);
  const Offset batch_blocks = WriteBlocks(writer, record_batches);
  writer.BeginTable();
  writer.Scalar<int16_t>(FooterField::kVersion, kArrowMetadataVersion5);
  writer.Reference(FooterField::kSchema, schema_table);
  writer.Reference(FooterField::kDictionaries, dictionary_blocks);
  writer.Reference(FooterField::kRecordBatches, batch_blocks);
  return writer.Finish(writer.EndTable());
}

std::string ArrowEncapsulated(std::string_view metadata, int64_t position) {
  const size_t unpadded_bytes = kPrefixBytes + metadata.size();
  const size_t rest = (static_cast<size_t>(position) + unpadded_bytes) % kBodyAlignment;
  const size_t padding_bytes = rest == 0 ? 0 : kBodyAlignment - rest;
  const auto length = static_cast<int32_t>(metadata.size() + padding_bytes);
  std::string bytes("\xFF\xFF\xFF\xFF", 4);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes.append(metadata);
  bytes.append(padding_bytes, '\0');
  return bytes;
}

}  // namespace sextant
