#include "storage/postgres/copy_stream.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compute/memory/string_view_bridge.h"
#include "storage/postgres/connection_watchdog.h"
#include "storage/postgres/pqxx_status.h"

namespace sextant {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr size_t kHeaderBytes = 11 + 4 + 4;  // signature, flags, length of the extension
constexpr std::string_view kTrailer("\377\377", 2);
constexpr uint32_t kCriticalFlags = 0xFFFF0000;
// How late a stop request may be seen while the server is silent.
constexpr std::chrono::milliseconds kStopInterval(20);

struct FreeMessage {
  void operator()(char* message) const { PQfreemem(message); }
};
using Message = std::unique_ptr<char, FreeMessage>;
using ResultPointer = std::unique_ptr<PGresult, decltype(&PQclear)>;

SteadyClock::duration ToSteady(absl::Duration duration) {
  return std::chrono::nanoseconds(absl::ToInt64Nanoseconds(duration));
}

uint32_t ReadUint32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Takes messages apart into rows and hands them on in batches.
class RowGatherer {
 public:
  explicit RowGatherer(absl::FunctionRef<absl::Status(const RawRowBatch&)> consume)
      : consume_(consume), piece_(new char[kMaxRawBatchBytes]) {}

  absl::Status Add(std::string_view message) {
    statistics_.bytes += static_cast<int64_t>(message.size());
    if (!header_seen_) {
      if (absl::Status status = TakeHeader(message); !status.ok()) return status;
      if (message.empty()) return absl::OkStatus();
    }
    if (trailer_seen_) return absl::DataLossError("binary COPY: data after the trailer");
    if (message == kTrailer) {
      trailer_seen_ = true;
      return absl::OkStatus();
    }
    return AddRow(message);
  }

  absl::Status Flush() {
    if (num_rows_ == 0) return absl::OkStatus();
    const SteadyClock::time_point begin = SteadyClock::now();
    const absl::Status status =
        consume_({.rows = {rows_.data(), num_rows_}, .first_row = statistics_.rows});
    statistics_.consuming += absl::FromChrono(SteadyClock::now() - begin);
    statistics_.rows += static_cast<int64_t>(num_rows_);
    num_rows_ = 0;
    piece_bytes_ = 0;
    return status;
  }

  bool trailer_seen() const { return trailer_seen_; }
  bool data_seen() const { return header_seen_; }
  CopyStatistics& statistics() { return statistics_; }

 private:
  absl::Status TakeHeader(std::string_view& message) {
    if (message.size() < kHeaderBytes || message.substr(0, kSignature.size()) != kSignature) {
      return absl::DataLossError("binary COPY: the stream does not begin with its signature");
    }
    if ((ReadUint32(message, 11) & kCriticalFlags) != 0) {
      return absl::DataLossError("binary COPY: unknown critical flags in the header");
    }
    const size_t extension_bytes = ReadUint32(message, 15);
    if (extension_bytes > message.size() - kHeaderBytes) {
      return absl::DataLossError("binary COPY: the header's extension is cut off");
    }
    message.remove_prefix(kHeaderBytes + extension_bytes);
    header_seen_ = true;
    return absl::OkStatus();
  }

  absl::Status AddRow(std::string_view row) {
    if (row.size() > kMaxRawBatchBytes - piece_bytes_) {
      if (absl::Status status = Flush(); !status.ok()) return status;
    }
    if (row.size() > kMaxRawBatchBytes) {
      rows_[num_rows_++] = row;
      return Flush();
    }
    char* const copy = piece_.get() + piece_bytes_;
    std::memcpy(copy, row.data(), row.size());
    piece_bytes_ += row.size();
    rows_[num_rows_++] = std::string_view(copy, row.size());
    return num_rows_ == kMaxRawRows ? Flush() : absl::OkStatus();
  }

  const absl::FunctionRef<absl::Status(const RawRowBatch&)> consume_;
  const std::unique_ptr<char[]> piece_;
  size_t piece_bytes_ = 0;
  std::array<std::string_view, kMaxRawRows> rows_;
  size_t num_rows_ = 0;
  bool header_seen_ = false;
  bool trailer_seen_ = false;
  CopyStatistics statistics_;
};

// One COPY from the statement to the last result.
class CopyRun {
 public:
  CopyRun(PostgresSession& session, RowGatherer& gatherer, std::stop_token stop)
      : connection_(session.handle()),
        options_(session.options()),
        gatherer_(gatherer),
        stop_(std::move(stop)),
        where_(absl::StrCat("source '", options_.source_name, "': COPY")) {}

  absl::Status Run(const std::string& select) {
    absl::Status status = Stream(select);
    if (!status.ok() && !Drain(SteadyClock::now() + ToSteady(options_.drain_timeout))) Abandon();
    return status;
  }

 private:
  absl::Status Stream(const std::string& select) {
    // The newline ends a comment that the query may end with.
    const std::string copy = "COPY (" + select + "\n) TO STDOUT (FORMAT binary)";
    if (PQsendQuery(connection_, copy.c_str()) == 0) return LostConnection();
    last_progress_ = SteadyClock::now();
    absl::StatusOr<ResultPointer> begun = NextResult();
    if (!begun.ok()) return begun.status();
    if (PQresultStatus(begun->get()) != PGRES_COPY_OUT) return StatusOf(begun->get());
    if (PQbinaryTuples(begun->get()) != 1) {
      return absl::DataLossError(where_ + ": the server does not send the binary format");
    }
    if (absl::Status status = ReceiveRows(); !status.ok()) return status;
    return CheckComplete();
  }

  absl::Status ReceiveRows() {
    while (true) {
      char* buffer = nullptr;
      const int size = PQgetCopyData(connection_, &buffer, /*async=*/1);
      if (size > 0) {
        const Message message(buffer);
        absl::Status status = gatherer_.Add({buffer, static_cast<size_t>(size)});
        if (!status.ok()) return CancelBecause(std::move(status));
      } else if (size == 0) {
        if (absl::Status status = AwaitInput(); !status.ok()) return status;
      } else {
        return size == -1 ? absl::OkStatus() : LostConnection();
      }
    }
  }

  absl::Status CheckComplete() {
    absl::StatusOr<ResultPointer> result = NextResult();
    if (!result.ok()) return result.status();
    if (PQresultStatus(result->get()) != PGRES_COMMAND_OK) return StatusOf(result->get());
    if (!gatherer_.trailer_seen()) {
      return absl::DataLossError(where_ + ": the stream ended without its trailer");
    }
    int64_t num_tagged = 0;
    const bool has_count = absl::SimpleAtoi(PQcmdTuples(result->get()), &num_tagged);
    if (absl::Status status = gatherer_.Flush(); !status.ok()) return status;
    if (!has_count || num_tagged != gatherer_.statistics().rows) {
      return absl::DataLossError(absl::StrCat(where_, ": the server counts '",
                                              PQcmdTuples(result->get()), "' rows, received ",
                                              gatherer_.statistics().rows));
    }
    absl::StatusOr<ResultPointer> end = NextResult();
    if (!end.ok()) return end.status();
    return *end == nullptr ? absl::OkStatus() : StatusOf(end->get());
  }

  // The next result, null after the last one.
  absl::StatusOr<ResultPointer> NextResult() {
    while (PQisBusy(connection_) != 0) {
      if (absl::Status status = AwaitInput(); !status.ok()) return status;
    }
    return ResultPointer(PQgetResult(connection_), &PQclear);
  }

  // Waits until the server has sent something and takes it in.
  absl::Status AwaitInput() {
    const SteadyClock::time_point begin = SteadyClock::now();
    const absl::Duration limit =
        gatherer_.data_seen() ? options_.progress_timeout : options_.first_byte_timeout;
    while (!Readable(kStopInterval)) {
      if (PQstatus(connection_) != CONNECTION_OK) return LostConnection();
      if (stop_.stop_requested()) {
        return CancelBecause(absl::CancelledError(where_ + ": stopped"));
      }
      if (SteadyClock::now() - last_progress_ >= ToSteady(limit)) {
        return CancelBecause(StatusFromSqlstate(
            where_, "", absl::StrCat("no byte from the server for ", absl::FormatDuration(limit))));
      }
    }
    const int consumed = PQconsumeInput(connection_);
    last_progress_ = SteadyClock::now();
    gatherer_.statistics().waiting += absl::FromChrono(last_progress_ - begin);
    if (consumed == 0) return LostConnection();
    if (stop_.stop_requested()) return CancelBecause(absl::CancelledError(where_ + ": stopped"));
    return absl::OkStatus();
  }

  bool Readable(std::chrono::milliseconds timeout) const {
    pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
    return poll(&socket, 1, static_cast<int>(timeout.count())) > 0;
  }

  absl::Status CancelBecause(absl::Status status) {
    RequestCancel(connection_);
    return status;
  }

  // Reads and drops until the statement is over; false when it is not by `deadline`.
  bool Drain(SteadyClock::time_point deadline) {
    while (true) {
      char* buffer = nullptr;
      const int size = PQgetCopyData(connection_, &buffer, /*async=*/1);
      if (size > 0) {
        PQfreemem(buffer);
        if (SteadyClock::now() >= deadline) return false;
        continue;
      }
      if (size < 0 && PQisBusy(connection_) == 0) {
        const ResultPointer result(PQgetResult(connection_), &PQclear);
        if (result == nullptr) return true;
        continue;
      }
      if (PQstatus(connection_) != CONNECTION_OK) return true;
      if (!Readable(kStopInterval)) {
        if (SteadyClock::now() >= deadline) return false;
      } else if (PQconsumeInput(connection_) == 0) {
        return true;  // lost: there is nothing left to drain
      }
    }
  }

  // Gives the connection up: libpq sees the end of the stream and turns unusable.
  void Abandon() {
    shutdown(PQsocket(connection_), SHUT_RDWR);
    Drain(SteadyClock::now() + ToSteady(options_.drain_timeout));
  }

  absl::Status LostConnection() const {
    return StatusFromSqlstate(where_, "", PQerrorMessage(connection_));
  }

  absl::Status StatusOf(const PGresult* result) const {
    const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* const primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return StatusFromSqlstate(where_, state == nullptr ? "" : state,
                              primary == nullptr ? PQerrorMessage(connection_) : primary);
  }

  pg_conn* const connection_;
  const SessionOptions& options_;
  RowGatherer& gatherer_;
  const std::stop_token stop_;
  const std::string where_;
  SteadyClock::time_point last_progress_;
};

}  // namespace

absl::StatusOr<CopyStatistics> CopyRows(
    PostgresSession& session, const std::string& select,
    absl::FunctionRef<absl::Status(const RawRowBatch& batch)> consume, std::stop_token stop) {
  const std::string where = absl::StrCat("source '", session.options().source_name, "': COPY");
  if (stop.stop_requested()) return absl::CancelledError(where + ": stopped");
  if (!session.IsUsable()) return StatusFromSqlstate(where, "", "the connection was lost");
  RowGatherer gatherer(consume);
  if (absl::Status status = CopyRun(session, gatherer, std::move(stop)).Run(select); !status.ok()) {
    return status;
  }
  return gatherer.statistics();
}

}  // namespace sextant
