#pragma once

#include <cstddef>
#include <cstdint>

namespace sextant {

/// The numbers of Arrow's Message.fbs, Schema.fbs and File.fbs that our messages use.

inline constexpr int16_t kArrowMetadataVersion5 = 4;

/// Members of the union MessageHeader.
enum ArrowHeaderMember : uint8_t {
  kSchemaHeader = 1,
  kDictionaryHeader = 2,
  kRecordBatchHeader = 3
};

/// Members of the union Type.
enum ArrowTypeMember : uint8_t {
  kIntType = 2,
  kFloatingPointType = 3,
  kUtf8Type = 5,
  kBoolType = 6,
  kDecimalType = 7,
  kDateType = 8,
  kTimestampType = 10,
  kListType = 12,
};

/// Fields of the tables of Message.fbs, Schema.fbs and File.fbs, by number.
struct MessageField {
  enum : size_t { kVersion, kHeaderType, kHeader, kBodyBytes };
};
struct SchemaField {
  enum : size_t { kEndianness, kFields, kMetadata };
};
struct FieldField {
  enum : size_t { kName, kNullable, kTypeType, kType, kDictionary, kChildren, kMetadata };
};
struct DictionaryEncodingField {
  enum : size_t { kId, kIndexType };
};
struct RecordBatchField {
  enum : size_t { kNumRows, kNodes, kBuffers, kCompression };
};
struct DictionaryBatchField {
  enum : size_t { kId, kData, kIsDelta };
};
struct FooterField {
  enum : size_t { kVersion, kSchema, kDictionaries, kRecordBatches };
};

inline constexpr size_t kWordsPerNode = 2;
inline constexpr size_t kWordsPerBuffer = 2;
inline constexpr size_t kWordsPerBlock = 3;

}  // namespace sextant
