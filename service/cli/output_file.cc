#include "service/cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sextant {
namespace {

namespace fs = std::filesystem;

absl::Status CannotWrite(const std::string& path, const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("cannot write '", path, "': ", why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  std::error_code error;
  // A link stays, and what it leads to is replaced.
  const fs::path target = fs::exists(path, error) ? fs::canonical(path, error) : fs::path(path);
  const fs::file_status status = fs::status(target, error);
  if (fs::is_directory(status)) return CannotWrite(path, "it is a directory");
  const bool is_direct = fs::exists(status) && !fs::is_regular_file(status);
  const std::string partial = absl::StrCat(target.string(), ".", getpid(), ".partial");
  std::unique_ptr<OutputFile> file(new OutputFile(target, is_direct ? "" : partial));
  if (!file->stream_) return CannotWrite(path, std::strerror(errno));
  if (!is_direct && fs::exists(status)) {
    fs::permissions(partial, status.permissions(), error);
    if (error) return CannotWrite(path, error.message());
  }
  return file;
}

OutputFile::OutputFile(std::string path, std::string partial_path)
    : path_(std::move(path)),
      partial_path_(std::move(partial_path)),
      stream_(partial_path_.empty() ? path_ : partial_path_, std::ios::binary) {}

OutputFile::~OutputFile() {
  if (is_committed_ || partial_path_.empty()) return;
  std::error_code error;
  fs::remove(partial_path_, error);
}

absl::Status OutputFile::Commit() {
  stream_.close();
  if (!stream_) return CannotWrite(path_, std::strerror(errno));
  if (!partial_path_.empty()) {
    std::error_code error;
    fs::rename(partial_path_, path_, error);
    if (error) return CannotWrite(path_, error.message());
  }
  is_committed_ = true;
  return absl::OkStatus();
}

}  // namespace sextant
