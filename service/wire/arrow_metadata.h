#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace sextant {

/// The metadata of Apache Arrow's IPC format, as far as results need it: flatbuffers of
/// Message.fbs, Schema.fbs and File.fbs, metadata version V5, little-endian, nothing compressed.

/// What a column holds, and how its buffers lie in a body:
///   kBool                     validity, bits
///   kInt32 .. kDecimal128     validity, values of 4, 8 or 16 bytes
///   kUtf8                     validity, offsets of 4 bytes, bytes
///   kList                     validity, offsets of 4 bytes; then the child
/// Of a column with a dictionary a batch holds codes, as kInt32; its type is that of the
/// dictionary.
enum class ArrowKind : uint8_t {
  kBool,
  kInt32,
  kInt64,
  kFloat64,
  kUtf8,
  kDate32,       // days since 1970-01-01
  kTimestampUs,  // microseconds since 1970-01-01T00:00Z
  kDecimal128,   // value = integer / 10^scale
  kList,
};

using ArrowPairs = std::vector<std::pair<std::string, std::string>>;

struct ArrowField {
  std::string name;
  ArrowKind kind = ArrowKind::kInt64;
  int precision = 0;      // of kDecimal128
  int scale = 0;          // of kDecimal128
  std::string time_zone;  // of kTimestampUs
  std::optional<int64_t> dictionary_id;
  std::vector<ArrowField> children;  // of kList: the elements
  ArrowPairs metadata;

  friend bool operator==(const ArrowField&, const ArrowField&) = default;
};

struct ArrowSchema {
  std::vector<ArrowField> fields;
  ArrowPairs metadata;
};

/// Where one message lies in a file.
struct ArrowBlock {
  int64_t offset = 0;          // of its continuation marker
  int32_t metadata_bytes = 0;  // marker, length and padding included
  int64_t body_bytes = 0;
};

/// The nodes and buffers of a body, as RecordBatch lists them.
struct ArrowLayout {
  int64_t num_rows = 0;
  std::vector<int64_t> nodes;    // per column and child: rows, NULLs
  std::vector<int64_t> buffers;  // per buffer: offset in the body, bytes
  int64_t body_bytes = 0;
};

std::string ArrowSchemaMessage(const ArrowSchema& schema);
std::string ArrowRecordBatchMessage(const ArrowLayout& layout);
/// Of a dictionary that replaces what its id stood for.
std::string ArrowDictionaryMessage(int64_t dictionary_id, const ArrowLayout& layout);
/// The footer of a file. `schema_message` is one of ArrowSchemaMessage.
/// Errors: INVALID_ARGUMENT when it is none.
absl::StatusOr<std::string> ArrowFooter(std::string_view schema_message,
                                        std::span<const ArrowBlock> dictionaries,
                                        std::span<const ArrowBlock> record_batches);

/// `metadata` with what stands before it in a stream or file, so padded that the body which follows
/// begins at a multiple of 64 bytes when this begins at byte `position`.
std::string ArrowEncapsulated(std::string_view metadata, int64_t position);

/// The end of a stream, and of the messages of a file.
inline constexpr std::string_view kArrowEndOfStream("\xFF\xFF\xFF\xFF\0\0\0\0", 8);
/// Begins (with two bytes of padding) and ends a file.
inline constexpr std::string_view kArrowMagic = "ARROW1";

}  // namespace sextant
