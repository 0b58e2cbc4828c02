#include "service/rpc/inspection_refusal.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compute/memory/memory_refusal.h"
#include "compute/plan/error_detail.h"
#include "storage/postgres/pqxx_status.h"

namespace sextant {
namespace {

constexpr size_t kMaxListed = 20;
constexpr size_t kMaxListedBytes = 100;
constexpr size_t kMaxPartsBytes = 900;  // a message holds them

/// "a, b, 3 more".
std::string ListOf(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kMaxListed); ++i) {
    const bool is_long = names[i].size() > kMaxListedBytes;
    shown.push_back(is_long ? names[i].substr(0, kMaxListedBytes) + "..." : names[i]);
  }
  if (names.size() > kMaxListed) shown.push_back(absl::StrCat(names.size() - kMaxListed, " more"));
  return absl::StrJoin(shown, ", ");
}

/// As many of `parts` as a message holds, each whole, and how many there are more.
std::string WholeParts(const std::vector<std::string>& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && text.size() + parts[i].size() > kMaxPartsBytes) {
      return absl::StrCat(text, "; ", parts.size() - i, " more");
    }
    absl::StrAppend(&text, i == 0 ? "" : "; ", parts[i]);
  }
  return text;
}

struct StageTexts {
  const char* name;
  const char* doing;
};

StageTexts TextsOf(VerificationStage stage) {
  switch (stage) {
    case VerificationStage::kQueue:
      return {"QUEUE", "was waiting for its turn"};
    case VerificationStage::kLoad:
      return {"LOAD", "was loading its snapshot"};
    case VerificationStage::kRun:
      return {"RUN", "was running the query"};
    case VerificationStage::kSql:
      return {"SQL", "was asking the source for the answer of the SQL"};
    case VerificationStage::kCompare:
      return {"COMPARE", "was comparing the answers"};
  }
  return {"", ""};
}

/// What is told of an error of a source.
struct Told {
  absl::StatusCode code;
  const char* reason;
  const char* what;
};

bool IsOurs(const absl::Status& error) {
  return absl::IsInternal(error) || absl::IsUnknown(error) || absl::IsDataLoss(error);
}

absl::Status Tell(const Told& told, const std::vector<std::string>& datasets,
                  const absl::Status& error) {
  const std::string names = ListOf(datasets);
  ErrorDetail detail = {.reason = told.reason, .metadata = {{"dataset", names}}};
  const std::string sqlstate = SqlstateOf(error);
  if (!sqlstate.empty()) detail.metadata.emplace_back("sqlstate", sqlstate);
  if (told.code == absl::StatusCode::kUnavailable) detail.retry_after_s = 5;
  return WithDetail(absl::Status(told.code, absl::StrCat("dataset ", names, ": ", told.what)),
                    detail);
}

absl::Status NoMemoryFor(const std::vector<std::string>& datasets, const absl::Status& error) {
  absl::Status told = absl::ResourceExhaustedError(
      absl::StrCat("dataset ", ListOf(datasets), ": no memory for a snapshot of its own"));
  const std::optional<MemoryRefusal> refusal = RefusalOf(error);
  return refusal ? WithRefusal(std::move(told), *refusal) : told;
}

constexpr Told kUnavailable = {absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE",
                               "its source cannot be read now"};
constexpr Told kRefused = {absl::StatusCode::kFailedPrecondition, "SOURCE_REFUSED",
                           "its source refuses, or does not fit the catalogue"};
constexpr Told kSqlFailed = {absl::StatusCode::kFailedPrecondition, "SQL_FAILED",
                             "its source fails to compute the equivalent SQL"};

/// Whether a later attempt may succeed.
bool IsPassing(const absl::Status& error) {
  return absl::IsUnavailable(error) || absl::IsCancelled(error) || absl::IsAborted(error) ||
         absl::IsDeadlineExceeded(error);
}

}  // namespace

absl::Status SwitchedOff(const std::string& method, const std::string& setting) {
  return WithDetail(absl::PermissionDeniedError(absl::StrCat(
                        method, " is switched off in this server (setting '", setting, "': off)")),
                    {.reason = "SWITCHED_OFF", .metadata = {{"setting", setting}}});
}

absl::Status HasNoSql(const std::vector<std::string>& parts) {
  const std::string all = WholeParts(parts);
  return WithDetail(absl::FailedPreconditionError(absl::StrCat(
                        "nothing to compare with: the query asks what has no SQL: ", all)),
                    {.reason = "HAS_NO_SQL", .metadata = {{"parts", all}}});
}

absl::Status DeadlinePassedIn(VerificationStage stage) {
  const StageTexts texts = TextsOf(stage);
  return WithDetail(absl::DeadlineExceededError(
                        absl::StrCat("the deadline passed while the verification ", texts.doing)),
                    {.reason = "DEADLINE", .metadata = {{"stage", texts.name}}});
}

absl::Status LoadFailedFor(const std::vector<std::string>& datasets, const absl::Status& error) {
  if (IsOurs(error)) return error;
  if (absl::IsResourceExhausted(error)) return NoMemoryFor(datasets, error);
  return Tell(IsPassing(error) ? kUnavailable : kRefused, datasets, error);
}

absl::Status SqlFailedFor(const std::vector<std::string>& datasets, const absl::Status& error) {
  if (IsOurs(error)) return error;
  if (IsPassing(error)) return Tell(kUnavailable, datasets, error);
  // 42: syntax, unknown names. The SQL was printed from what was bound to this very snapshot.
  const std::string sqlstate = SqlstateOf(error);
  if (sqlstate.starts_with("42") && sqlstate != "42501") {
    return absl::InternalError(error.message());
  }
  return Tell(kSqlFailed, datasets, error);
}

}  // namespace sextant
