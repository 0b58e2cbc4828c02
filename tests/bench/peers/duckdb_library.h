#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sextant::peers {

/// The part of DuckDB's C API that the benchmark needs, from a shared library that is found at run
/// time: nothing of DuckDB is needed to build. Lives to the end of the program.
struct DuckdbLibrary {
  /// The members of duckdb_result; only the library reads them.
  struct Result {
    uint64_t counts[3];
    void* columns;
    char* error;
    void* internal;
  };
  int (*open)(const char* path, void** database);
  int (*connect)(void* database, void** connection);
  void (*disconnect)(void** connection);
  int (*query)(void* connection, const char* sql, Result* result);
  void (*destroy_result)(Result* result);
  const char* (*result_error)(Result* result);
  int (*prepare)(void* connection, const char* sql, void** statement);
  int (*execute_prepared)(void* statement, Result* result);
  void (*destroy_prepare)(void** statement);
  const char* (*prepare_error)(void* statement);
  uint64_t (*row_count)(Result* result);

  /// Errors: NOT_FOUND when `path` is no library with these functions.
  static absl::StatusOr<DuckdbLibrary> Load(const std::string& path);
};

/// A connection to a database in memory. Not thread-safe.
class DuckdbConnection {
 public:
  DuckdbConnection(const DuckdbLibrary& library, void* database);
  ~DuckdbConnection();
  DuckdbConnection(const DuckdbConnection&) = delete;
  DuckdbConnection& operator=(const DuckdbConnection&) = delete;

  /// The number of rows. Errors: INTERNAL with DuckDB's message.
  absl::StatusOr<uint64_t> Run(const std::string& sql);

  /// Prepares `sql` under the next number, from 0 on.
  absl::Status Prepare(const std::string& sql);
  /// Runs a prepared statement to its materialised result; the number of rows.
  absl::StatusOr<uint64_t> RunPrepared(size_t number);

 private:
  absl::StatusOr<uint64_t> Finish(int failed, DuckdbLibrary::Result& result);

  const DuckdbLibrary& library_;
  void* connection_ = nullptr;
  std::vector<void*> statements_;
};

}  // namespace sextant::peers
