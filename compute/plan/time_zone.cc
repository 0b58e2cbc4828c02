#include "compute/plan/time_zone.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "compute/plan/nearest_names.h"

namespace sextant {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNameBytes = 64;

/// The folder that absl::LoadTimeZone reads, by the same rule.
const fs::path& DatabaseFolder() {
  static const fs::path folder = [] {
    const char* from_environment = std::getenv("TZDIR");
    return fs::path(from_environment != nullptr && *from_environment != '\0'
                        ? from_environment
                        : "/usr/share/zoneinfo");
  }();
  return folder;
}

/// True for files of the folder that are no zones of their own: what the machine is set to, and
/// the variants that count leap seconds.
bool IsReserved(std::string_view name) {
  return name == "localtime" || name == "posixrules" || name == "Factory" ||
         name.starts_with("posix/") || name.starts_with("right/");
}

/// True for "Part", "Part/Part", ...: letters, digits, '_', '+' and '-', each part starting with a
/// letter. So no absolute path, "..", ":", empty part or hidden file.
bool IsWellFormed(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  bool at_start_of_part = true;
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    if (at_start_of_part) {
      if (!absl::ascii_isalpha(byte)) return false;
      at_start_of_part = false;
    } else if (letter == '/') {
      at_start_of_part = true;
    } else if (!absl::ascii_isalnum(byte) && letter != '_' && letter != '+' && letter != '-') {
      return false;
    }
  }
  return !at_start_of_part;
}

bool IsZoneFile(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error) || error) return false;
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  file.read(magic, sizeof magic);
  return file.gcount() == sizeof magic && std::string_view(magic, sizeof magic) == "TZif";
}

std::vector<std::string> ZoneNames() {
  std::vector<std::string> names = {"UTC"};
  std::error_code error;
  fs::recursive_directory_iterator entry(DatabaseFolder(), error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().lexically_relative(DatabaseFolder()).generic_string();
    if (name == "posix" || name == "right") {
      entry.disable_recursion_pending();
    } else if (name != "UTC" && IsWellFormed(name) && !IsReserved(name) &&
               IsZoneFile(entry->path())) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

absl::Status UnknownZone(std::string_view name) {
  static const std::vector<std::string> names = ZoneNames();
  const std::string shown(name.substr(0, kMaxNameBytes));
  return absl::InvalidArgumentError(
      absl::StrCat("unknown time zone '", absl::CHexEscape(shown), "'", DidYouMean(shown, names),
                   " (allowed: names of the IANA database ", TimeZoneDatabaseVersion(),
                   ", such as 'UTC' or 'Europe/Berlin')"));
}

std::string ReadVersion() {
  std::string line;
  if (std::ifstream file(DatabaseFolder() / "tzdata.zi"); std::getline(file, line)) {
    constexpr std::string_view kPrefix = "# version ";
    if (line.starts_with(kPrefix)) return line.substr(kPrefix.size());
  }
  if (std::ifstream file(DatabaseFolder() / "+VERSION"); std::getline(file, line)) return line;
  return "unknown";
}

}  // namespace

absl::StatusOr<absl::TimeZone> FindTimeZone(std::string_view name) {
  if (name == "UTC") return absl::UTCTimeZone();
  if (!IsWellFormed(name) || IsReserved(name)) return UnknownZone(name);
  // Only names of the database enter the cache, so its size is bounded.
  static std::mutex mutex;
  static std::map<std::string, absl::TimeZone, std::less<>>& zones =
      *new std::map<std::string, absl::TimeZone, std::less<>>;
  {
    const std::lock_guard lock(mutex);
    if (const auto found = zones.find(name); found != zones.end()) return found->second;
  }
  // absl remembers every name that it was asked for: ask for existing ones only.
  if (!IsZoneFile(DatabaseFolder() / fs::path(name))) return UnknownZone(name);
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(ToAbsl(name), &zone)) return UnknownZone(name);
  const std::lock_guard lock(mutex);
  zones.emplace(std::string(name), zone);
  return zone;
}

const std::string& TimeZoneDatabaseVersion() {
  static const std::string& version = *new std::string(ReadVersion());
  return version;
}

}  // namespace sextant
