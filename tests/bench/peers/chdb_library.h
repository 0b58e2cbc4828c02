#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace sextant::peers {

/// The part of chdb's C API (ClickHouse in process) that the benchmark needs, from a shared library
/// that is found at run time: nothing of it is needed to build. Lives to the end of the program.
struct ChdbLibrary {
  void** (*connect)(int num_arguments, char** arguments);
  void* (*query)(void* connection, const char* sql, const char* format);
  void (*destroy_result)(void* result);
  const char* (*result_error)(void* result);
  size_t (*result_size_bytes)(void* result);

  /// Errors: NOT_FOUND when `path` is no library with these functions.
  static absl::StatusOr<ChdbLibrary> Load(const std::string& path);
};

/// The connection to the server in this process, of which there is one. Safe for any number of
/// threads: the library lets one query after the other run.
class ChdbConnection {
 public:
  /// Errors: INTERNAL when the server does not start.
  static absl::StatusOr<ChdbConnection> Open(const ChdbLibrary& library);

  /// Runs `sql` to its result in the form that its own clients read; the bytes of it. Errors:
  /// INTERNAL with ClickHouse's message.
  absl::StatusOr<uint64_t> Run(const std::string& sql);

 private:
  ChdbConnection(const ChdbLibrary& library, void* connection)
      : library_(&library), connection_(connection) {}

  const ChdbLibrary* library_;
  void* connection_;
};

}  // namespace sextant::peers
