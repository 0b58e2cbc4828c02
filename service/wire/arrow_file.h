#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "service/wire/arrow_metadata_reader.h"

namespace sextant {

/// Writes messages of an answer, in their order, as Arrow IPC. A message that is none of ours is an
/// INVALID_ARGUMENT; what the stream `out` says of itself is the caller's business. Begin once, Add
/// for every message, End once. Not thread-safe.
class ArrowWriter {
 public:
  virtual ~ArrowWriter() = default;
  virtual absl::Status Begin(std::string_view schema_metadata, std::ostream& out) = 0;
  /// Returns how many rows the message adds to the answer: 0 for a dictionary.
  virtual absl::StatusOr<int64_t> Add(std::string_view metadata, std::string_view body,
                                      std::ostream& out) = 0;
  virtual absl::Status End(std::ostream& out) = 0;
};

/// The stream format: the messages as they come.
class ArrowStreamWriter final : public ArrowWriter {
 public:
  absl::Status Begin(std::string_view schema_metadata, std::ostream& out) override;
  absl::StatusOr<int64_t> Add(std::string_view metadata, std::string_view body,
                              std::ostream& out) override;
  absl::Status End(std::ostream& out) override;
};

/// The file format, which has a footer, and one dictionary per column for all of its batches: the
/// replaced dictionaries of the answer are joined into one each, which stands behind the batches,
/// and their codes are rewritten. Holds the distinct texts of the answer.
class ArrowFileWriter final : public ArrowWriter {
 public:
  absl::Status Begin(std::string_view schema_metadata, std::ostream& out) override;
  absl::StatusOr<int64_t> Add(std::string_view metadata, std::string_view body,
                              std::ostream& out) override;
  absl::Status End(std::ostream& out) override;

 private:
  struct Dictionary {
    std::unordered_map<std::string, int32_t> code_of_text;  // whose keys stay where they are
    std::vector<std::string_view> texts;                    // by code
    std::vector<int32_t> code_of_code;  // by the code in the dictionary that came last
  };

  absl::Status TakeDictionary(const ArrowMessageView& message, std::string_view body);
  absl::Status RewriteCodes(const ArrowLayout& layout, std::string& body) const;
  void Write(std::string_view bytes, std::ostream& out);
  ArrowBlock WriteMessage(std::string_view metadata, std::string_view body, std::ostream& out);

  std::string schema_metadata_;
  std::vector<ArrowField> fields_;
  std::map<int64_t, Dictionary> dictionaries_;  // by id
  std::vector<ArrowBlock> batches_;
  int64_t num_bytes_ = 0;
};

}  // namespace sextant
