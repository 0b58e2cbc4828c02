#include "tests/bench/peers/chdb_library.h"

#include <dlfcn.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "tests/bench/peers/library_function.h"

namespace sextant::peers {

absl::StatusOr<ChdbLibrary> ChdbLibrary::Load(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ChdbLibrary found{};
  if (library == nullptr || !FindFunction(library, "chdb_connect", found.connect) ||
      !FindFunction(library, "chdb_query", found.query) ||
      !FindFunction(library, "chdb_destroy_query_result", found.destroy_result) ||
      !FindFunction(library, "chdb_result_error", found.result_error) ||
      !FindFunction(library, "chdb_result_length", found.result_size_bytes)) {
    return absl::NotFoundError(absl::StrCat("chdb: ", dlerror()));
  }
  return found;
}

absl::StatusOr<ChdbConnection> ChdbConnection::Open(const ChdbLibrary& library) {
  std::string name = "clickhouse";
  std::array<char*, 1> arguments = {name.data()};
  void** connection = library.connect(static_cast<int>(arguments.size()), arguments.data());
  if (connection == nullptr) return absl::InternalError("chdb does not start");
  return ChdbConnection(library, *connection);
}

absl::StatusOr<uint64_t> ChdbConnection::Run(const std::string& sql) {
  void* result = library_->query(connection_, sql.c_str(), "Native");
  if (result == nullptr) return absl::InternalError("chdb: no result");
  const char* const error = library_->result_error(result);
  absl::StatusOr<uint64_t> size_bytes = library_->result_size_bytes(result);
  if (error != nullptr) {
    size_bytes = absl::InternalError(
        absl::StrCat("chdb: ", std::string(error).substr(0, 600), " in ", sql.substr(0, 300)));
  }
  library_->destroy_result(result);
  return size_bytes;
}

}  // namespace sextant::peers
