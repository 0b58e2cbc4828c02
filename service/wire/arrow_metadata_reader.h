#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/wire/arrow_metadata.h"

namespace sextant {

/// A dictionary or a record batch, read back.
struct ArrowMessageView {
  std::optional<int64_t> dictionary_id;  // of a dictionary
  ArrowLayout layout;                    // whose buffers lie within the body
};

/// Read the metadata of messages that came from elsewhere: whatever the bytes are.
/// Errors: INVALID_ARGUMENT for what ArrowSchemaMessage, ArrowDictionaryMessage and
/// ArrowRecordBatchMessage do not write. Thread-safe.

absl::StatusOr<ArrowSchema> ReadArrowSchema(std::string_view metadata);
absl::StatusOr<ArrowMessageView> ReadArrowMessage(std::string_view metadata);

}  // namespace sextant
