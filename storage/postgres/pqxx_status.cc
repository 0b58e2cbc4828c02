#include "storage/postgres/pqxx_status.h"

#include <pqxx/except>
#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

constexpr char kSqlstatePayload[] = "sextant/sqlstate";
constexpr char kConnectionFailure[] = "08006";

absl::StatusCode CodeOf(std::string_view sqlstate) {
  if (sqlstate == "25006" || sqlstate == "25P03") return absl::StatusCode::kUnavailable;
  if (sqlstate == "42601") return absl::StatusCode::kInvalidArgument;
  for (const std::string_view retriable : {"08", "40", "53", "55", "57", "58"}) {
    if (sqlstate.substr(0, 2) == retriable) return absl::StatusCode::kUnavailable;
  }
  return absl::StatusCode::kFailedPrecondition;
}

// PostgreSQL and libpq write several lines; a Status message is one.
std::string OnOneLine(std::string_view message) {
  std::string line;
  for (const char c : ToStd(absl::StripAsciiWhitespace(ToAbsl(message)))) {
    const char shown = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    if (shown == ' ' && !line.empty() && line.back() == ' ') continue;
    line.push_back(shown);
  }
  return line;
}

}  // namespace

absl::Status StatusFromSqlstate(std::string_view what, std::string_view sqlstate,
                                std::string_view message) {
  std::string text = OnOneLine(message);
  text = std::string(absl::StripPrefix(text, "ERROR: "));
  text = std::string(absl::StripPrefix(text, "FATAL: "));
  const bool has_state = sqlstate.size() == 5;
  absl::Status status(
      CodeOf(has_state ? sqlstate : kConnectionFailure),
      absl::StrCat(ToAbsl(what), has_state ? ": PostgreSQL " : ": ",
                   has_state ? ToAbsl(sqlstate) : absl::string_view(), has_state ? ": " : "",
                   text.empty() ? "the connection was lost" : text));
  status.SetPayload(
      kSqlstatePayload,
      absl::Cord(has_state ? ToAbsl(sqlstate) : absl::string_view(kConnectionFailure)));
  return status;
}

std::string SqlstateOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kSqlstatePayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status PrefixStatus(std::string_view prefix, const absl::Status& status) {
  if (status.ok()) return status;
  absl::Status prefixed(status.code(), absl::StrCat(ToAbsl(prefix), status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { prefixed.SetPayload(url, payload); });
  return prefixed;
}

bool IsRetriable(const absl::Status& status) { return absl::IsUnavailable(status); }

absl::Status CatchPqxx(std::string_view what, absl::FunctionRef<void()> call) {
  // From particular to general; libpqxx gives these classes no SQLSTATE of their own.
  try {
    call();
    return absl::OkStatus();
  } catch (const pqxx::insufficient_privilege& error) {
    return StatusFromSqlstate(what, "42501", error.what());
  } catch (const pqxx::sql_error& error) {
    return StatusFromSqlstate(what, error.sqlstate(), error.what());
  } catch (const pqxx::deadlock_detected& error) {
    return StatusFromSqlstate(what, "40P01", error.what());
  } catch (const pqxx::transaction_rollback& error) {
    return StatusFromSqlstate(what, "40001", error.what());
  } catch (const pqxx::too_many_connections& error) {
    return StatusFromSqlstate(what, "53300", error.what());
  } catch (const pqxx::broken_connection& error) {
    return StatusFromSqlstate(what, "", error.what());
  } catch (const pqxx::in_doubt_error& error) {
    return StatusFromSqlstate(what, "", error.what());
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(ToAbsl(what), ": out of memory"));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat(ToAbsl(what), ": libpqxx: ", error.what()));
  }
}

}  // namespace sextant
