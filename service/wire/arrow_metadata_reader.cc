#include "service/wire/arrow_metadata_reader.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "service/wire/arrow_tables.h"
#include "service/wire/flat_buffer.h"

namespace sextant {
namespace {

absl::Status NoMessage(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("Arrow metadata: found ", std::string(what),
                   ", allowed: a schema, dictionary or record batch of version V5"));
}

/// Reads the type of a column, without its children.
absl::Status ReadType(const FlatTable& table, ArrowField& field) {
  const uint8_t member = table.Scalar<uint8_t>(FieldField::kTypeType, 0);
  const std::optional<FlatTable> type = table.Table(FieldField::kType);
  if (!type.has_value()) return NoMessage(absl::StrCat("no type of column '", field.name, "'"));
  switch (member) {
    case kIntType:
      field.kind = type->Scalar<int32_t>(0, 0) == 32 ? ArrowKind::kInt32 : ArrowKind::kInt64;
      return absl::OkStatus();
    case kFloatingPointType:
      field.kind = ArrowKind::kFloat64;
      return absl::OkStatus();
    case kUtf8Type:
      field.kind = ArrowKind::kUtf8;
      return absl::OkStatus();
    case kBoolType:
      field.kind = ArrowKind::kBool;
      return absl::OkStatus();
    case kDecimalType:
      field.kind = ArrowKind::kDecimal128;
      field.precision = type->Scalar<int32_t>(0, 0);
      field.scale = type->Scalar<int32_t>(1, 0);
      return absl::OkStatus();
    case kDateType:
      field.kind = ArrowKind::kDate32;
      return absl::OkStatus();
    case kTimestampType:
      field.kind = ArrowKind::kTimestampUs;
      field.time_zone = type->String(1).value_or("");
      return absl::OkStatus();
    case kListType:
      field.kind = ArrowKind::kList;
      return absl::OkStatus();
    default:
      return NoMessage(
          absl::StrCat("type ", static_cast<int>(member), " of column '", field.name, "'"));
  }
}

ArrowPairs ReadPairs(const std::vector<FlatTable>& tables) {
  ArrowPairs pairs;
  for (const FlatTable& pair : tables) {
    pairs.emplace_back(pair.String(0).value_or(""), pair.String(1).value_or(""));
  }
  return pairs;
}

/// `depth`: how many levels of children are left; a list of lists is none of ours.
absl::StatusOr<ArrowField> ReadField(const FlatTable& table, int depth) {
  ArrowField field;
  field.name = table.String(FieldField::kName).value_or("");
  SEXTANT_RETURN_IF_ERROR(ReadType(table, field));
  field.metadata = ReadPairs(table.Tables(FieldField::kMetadata));
  const std::optional<FlatTable> dictionary = table.Table(FieldField::kDictionary);
  if (dictionary) {
    field.dictionary_id = dictionary->Scalar<int64_t>(DictionaryEncodingField::kId, 0);
  }
  const std::vector<FlatTable> children = table.Tables(FieldField::kChildren);
  const bool is_list = field.kind == ArrowKind::kList;
  if (children.size() != (is_list ? 1u : 0u) || (is_list && depth == 0)) {
    return NoMessage(absl::StrCat("unknown children of column '", field.name, "'"));
  }
  for (const FlatTable& child : children) {
    SEXTANT_ASSIGN_OR_RETURN(ArrowField element, ReadField(child, depth - 1));
    field.children.push_back(std::move(element));
  }
  return field;
}

absl::StatusOr<ArrowLayout> ReadLayout(const FlatTable& batch, int64_t body_bytes) {
  ArrowLayout layout;
  layout.num_rows = batch.Scalar<int64_t>(RecordBatchField::kNumRows, 0);
  layout.nodes = batch.StructWords(RecordBatchField::kNodes, kWordsPerNode);
  layout.buffers = batch.StructWords(RecordBatchField::kBuffers, kWordsPerBuffer);
  layout.body_bytes = body_bytes;
  if (layout.num_rows < 0 || body_bytes < 0) return NoMessage("a negative length");
  if (batch.Table(RecordBatchField::kCompression)) return NoMessage("compressed buffers");
  for (size_t i = 0; i < layout.buffers.size(); i += kWordsPerBuffer) {
    const int64_t offset = layout.buffers[i];
    const int64_t bytes = layout.buffers[i + 1];
    if (offset < 0 || bytes < 0 || offset > body_bytes || bytes > body_bytes - offset) {
      return NoMessage("a buffer outside of the body");
    }
  }
  return layout;
}

/// The header of a message of ours, and which member of the union it is.
struct Header {
  uint8_t member;
  FlatTable table;
  int64_t body_bytes;
};

absl::StatusOr<Header> ReadHeader(std::string_view metadata) {
  const std::optional<FlatTable> message = FlatTable::Root(metadata);
  if (!message.has_value()) return NoMessage("no flatbuffer");
  const int16_t version = message->Scalar<int16_t>(MessageField::kVersion, 0);
  if (version != kArrowMetadataVersion5) return NoMessage(absl::StrCat("version ", version));
  const std::optional<FlatTable> table = message->Table(MessageField::kHeader);
  if (!table.has_value()) return NoMessage("no header");
  return Header{message->Scalar<uint8_t>(MessageField::kHeaderType, 0), *table,
                message->Scalar<int64_t>(MessageField::kBodyBytes, 0)};
}

}  // namespace

absl::StatusOr<ArrowSchema> ReadArrowSchema(std::string_view metadata) {
  SEXTANT_ASSIGN_OR_RETURN(const Header header, ReadHeader(metadata));
  if (header.member != kSchemaHeader) return NoMessage("another message where the schema is due");
  ArrowSchema schema;
  schema.metadata = ReadPairs(header.table.Tables(SchemaField::kMetadata));
  for (const FlatTable& table : header.table.Tables(SchemaField::kFields)) {
    SEXTANT_ASSIGN_OR_RETURN(ArrowField field, ReadField(table, /*depth=*/1));
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

absl::StatusOr<ArrowMessageView> ReadArrowMessage(std::string_view metadata) {
  SEXTANT_ASSIGN_OR_RETURN(const Header header, ReadHeader(metadata));
  ArrowMessageView view;
  if (header.member == kRecordBatchHeader) {
    SEXTANT_ASSIGN_OR_RETURN(view.layout, ReadLayout(header.table, header.body_bytes));
    return view;
  }
  if (header.member != kDictionaryHeader) {
    return NoMessage(absl::StrCat("a message of kind ", static_cast<int>(header.member),
                                  " where a dictionary or a record batch is due"));
  }
  if (header.table.Scalar<uint8_t>(DictionaryBatchField::kIsDelta, 0) != 0) {
    return NoMessage("a delta dictionary");
  }
  const std::optional<FlatTable> data = header.table.Table(DictionaryBatchField::kData);
  if (!data.has_value()) return NoMessage("a dictionary without values");
  view.dictionary_id = header.table.Scalar<int64_t>(DictionaryBatchField::kId, 0);
  SEXTANT_ASSIGN_OR_RETURN(view.layout, ReadLayout(*data, header.body_bytes));
  return view;
}

}  // namespace sextant
