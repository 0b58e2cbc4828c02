#include "storage/postgres/raw_connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "compute/memory/string_view_bridge.h"
#include "storage/postgres/pqxx_status.h"

namespace sextant {
namespace {

// Remembers the handle that libpqxx 6.4 hides: the policy is what makes it. libpqxx 7 replaces all
// this by connection::seize_raw_connection.
class CapturePolicy final : public pqxx::connectionpolicy {
 public:
  explicit CapturePolicy(const std::string& conninfo) : pqxx::connectionpolicy(conninfo) {}

  handle do_startconnect(handle original) override {
    captured = original != nullptr ? original : normalconnect(original);
    return captured;
  }

  handle do_dropconnect(handle original) noexcept override {
    return captured = pqxx::connectionpolicy::do_dropconnect(original);
  }

  handle do_disconnect(handle original) noexcept override {
    return captured = pqxx::connectionpolicy::do_disconnect(original);
  }

  handle captured = nullptr;
};

using ConninfoMap = std::map<std::string, std::string>;

absl::StatusOr<ConninfoMap> ParseConninfo(const std::string& conninfo) {
  char* error = nullptr;
  PQconninfoOption* const options = PQconninfoParse(conninfo.c_str(), &error);
  if (options == nullptr) {
    PQfreemem(error);
    return absl::InvalidArgumentError(
        "conninfo: not a libpq connection string (its text is not shown: it may hold a password); "
        "allowed: 'keyword=value ...' or 'postgresql://user@host:port/database?keyword=value'");
  }
  ConninfoMap values;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  PQconninfoFree(options);
  return values;
}

void AddDefaults(const ConnectOptions& options, ConninfoMap& values) {
  const int64_t timeout_s = std::max<int64_t>(2, absl::ToInt64Seconds(options.connect_timeout));
  const int64_t user_timeout_ms = absl::ToInt64Milliseconds(options.tcp_user_timeout);
  const auto add = [&](const char* keyword, std::string value) {
    values.emplace(keyword, std::move(value));
  };
  add("connect_timeout", absl::StrCat(timeout_s));
  add("keepalives", "1");
  add("keepalives_idle", absl::StrCat(std::max<int64_t>(1, user_timeout_ms / 2000)));
  add("keepalives_interval", "1");
  add("keepalives_count", "3");
  add("tcp_user_timeout", absl::StrCat(user_timeout_ms));
  add("application_name", "sextant");
  values["client_encoding"] = "UTF8";
}

std::string ConninfoText(const ConninfoMap& values) {
  std::string text;
  for (const auto& [keyword, value] : values) {
    absl::StrAppend(&text, keyword, "='",
                    absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}), "' ");
  }
  return text;
}

absl::Status WithoutPassword(const absl::Status& status, const ConninfoMap& values) {
  const auto password = values.find("password");
  if (status.ok() || password == values.end() || password->second.empty()) return status;
  absl::Status clean(status.code(),
                     absl::StrReplaceAll(status.message(), {{password->second, "***"}}));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { clean.SetPayload(url, payload); });
  return clean;
}

}  // namespace

class RawConnection::Captured final : public pqxx::connection_base {
 public:
  explicit Captured(const std::string& conninfo)
      : pqxx::connection_base(policy_), policy_(conninfo), quiet_(nullptr) {
    init();
    quiet_ = std::make_unique<pqxx::quiet_errorhandler>(*this);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
  }

  ~Captured() {
    quiet_.reset();
    close();
  }

  pg_conn* handle() const { return policy_.captured; }

 private:
  CapturePolicy policy_;  // connection_base only stores the reference before it is built
  std::unique_ptr<pqxx::quiet_errorhandler> quiet_;
};

RawConnection::RawConnection(std::unique_ptr<Captured> captured) : captured_(std::move(captured)) {}

RawConnection::~RawConnection() = default;

absl::StatusOr<std::unique_ptr<RawConnection>> RawConnection::Open(const ConnectOptions& options) {
  absl::StatusOr<ConninfoMap> values = ParseConninfo(options.conninfo);
  if (!values.ok()) return values.status();
  AddDefaults(options, *values);

  std::unique_ptr<Captured> captured;
  const absl::Status status = CatchPqxx(
      "connecting", [&] { captured = std::make_unique<Captured>(ConninfoText(*values)); });
  if (!status.ok()) return WithoutPassword(status, *values);
  return std::unique_ptr<RawConnection>(new RawConnection(std::move(captured)));
}

pqxx::connection_base& RawConnection::pqxx() { return *captured_; }

pg_conn* RawConnection::handle() const { return captured_->handle(); }

}  // namespace sextant
