#include "tests/bench/peers/duckdb_library.h"

#include <dlfcn.h>

#include "absl/strings/str_cat.h"
#include "tests/bench/peers/library_function.h"

namespace sextant::peers {
namespace {

std::string TextOf(const char* message) { return message == nullptr ? "failed" : message; }

absl::Status Failed(absl::string_view message, const std::string& sql) {
  return absl::InternalError(absl::StrCat("DuckDB: ", message, " in ", sql.substr(0, 300)));
}

}  // namespace

absl::StatusOr<DuckdbLibrary> DuckdbLibrary::Load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  DuckdbLibrary found{};
  if (library == nullptr || !FindFunction(library, "duckdb_open", found.open) ||
      !FindFunction(library, "duckdb_connect", found.connect) ||
      !FindFunction(library, "duckdb_disconnect", found.disconnect) ||
      !FindFunction(library, "duckdb_query", found.query) ||
      !FindFunction(library, "duckdb_destroy_result", found.destroy_result) ||
      !FindFunction(library, "duckdb_result_error", found.result_error) ||
      !FindFunction(library, "duckdb_prepare", found.prepare) ||
      !FindFunction(library, "duckdb_execute_prepared", found.execute_prepared) ||
      !FindFunction(library, "duckdb_destroy_prepare", found.destroy_prepare) ||
      !FindFunction(library, "duckdb_prepare_error", found.prepare_error) ||
      !FindFunction(library, "duckdb_row_count", found.row_count)) {
    return absl::NotFoundError(absl::StrCat("DuckDB: ", dlerror()));
  }
  return found;
}

DuckdbConnection::DuckdbConnection(const DuckdbLibrary& library, void* database)
    : library_(library) {
  library_.connect(database, &connection_);
}

DuckdbConnection::~DuckdbConnection() {
  for (void*& statement : statements_) library_.destroy_prepare(&statement);
  library_.disconnect(&connection_);
}

absl::StatusOr<uint64_t> DuckdbConnection::Finish(int failed, DuckdbLibrary::Result& result) {
  if (failed != 0) {
    const absl::Status status = absl::InternalError(TextOf(library_.result_error(&result)));
    library_.destroy_result(&result);
    return status;
  }
  const uint64_t num_rows = library_.row_count(&result);
  library_.destroy_result(&result);
  return num_rows;
}

absl::StatusOr<uint64_t> DuckdbConnection::Run(const std::string& sql) {
  DuckdbLibrary::Result result{};
  const int failed = library_.query(connection_, sql.c_str(), &result);
  absl::StatusOr<uint64_t> num_rows = Finish(failed, result);
  return num_rows.ok() ? num_rows : Failed(num_rows.status().message(), sql);
}

absl::Status DuckdbConnection::Prepare(const std::string& sql) {
  void* statement = nullptr;
  const int failed = library_.prepare(connection_, sql.c_str(), &statement);
  statements_.push_back(statement);
  return failed == 0 ? absl::OkStatus() : Failed(TextOf(library_.prepare_error(statement)), sql);
}

absl::StatusOr<uint64_t> DuckdbConnection::RunPrepared(size_t number) {
  DuckdbLibrary::Result result{};
  const int failed = library_.execute_prepared(statements_[number], &result);
  return Finish(failed, result);
}

}  // namespace sextant::peers
