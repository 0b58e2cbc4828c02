#pragma once

#include <fstream>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"

namespace sextant {

/// A file that gets its content whole or not at all: it is written under another name next to it,
/// and takes its place when it is committed. What exists and is no regular file (a pipe, a device)
/// is written to directly. Not thread-safe.
class OutputFile {
 public:
  /// Errors: INVALID_ARGUMENT with the path when it cannot be written.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  /// Without Commit nothing is left behind.
  ~OutputFile();

  std::ostream& stream() { return stream_; }
  /// Errors: INVALID_ARGUMENT when not all of it could be written.
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string partial_path);

  const std::string path_;
  const std::string partial_path_;  // empty: written to directly
  bool is_committed_ = false;
  std::ofstream stream_;
};

}  // namespace sextant
