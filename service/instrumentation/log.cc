#include "service/instrumentation/log.h"

#include <unistd.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "compute/memory/string_view_bridge.h"

namespace sextant {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

/// The length of the UTF-8 sequence that begins at `text`, or 0 where none does.
size_t SequenceLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  size_t length = 1;
  if (lead >= 0xF0 && lead < 0xF5) {
    length = 4;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    length = 3;
  } else if (lead >= 0xC2 && lead < 0xE0) {
    length = 2;
  } else if (lead >= 0x80) {
    return 0;
  }
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

void AppendEscaped(std::string_view text, std::string& line) {
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const char c = text[0];
    if (length == 0) {
      absl::StrAppend(&line, ToAbsl(kReplacement));
    } else if (c == '"' || c == '\\') {
      line += {'\\', c};
    } else if (c == '\n') {
      line += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(&line, "\\u%04x", static_cast<unsigned>(c));
    } else {
      line.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

void AppendQuoted(std::string_view text, std::string& line) {
  line += '"';
  AppendEscaped(text, line);
  line += '"';
}

struct ValuePrinter {
  LogFormat format;
  std::string& line;

  void operator()(std::string_view text) const {
    const bool bare = format == LogFormat::kText && !text.empty() &&
                      text.find_first_of(" \"=\\") == std::string_view::npos;
    if (bare) {
      AppendEscaped(text, line);
    } else {
      AppendQuoted(text, line);
    }
  }
  void operator()(int64_t number) const { absl::StrAppend(&line, number); }
  void operator()(double number) const {
    // JSON has no name for what is not finite.
    if (std::isfinite(number)) {
      absl::StrAppend(&line, number);
    } else {
      line += "null";
    }
  }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
};

std::string JsonLine(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat(
      "{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()),
      "\",\"level\":\"", ToAbsl(LevelName(level)), "\",\"event\":");
  AppendQuoted(event, line);
  for (const LogField& field : fields) {
    line += ',';
    AppendQuoted(field.name, line);
    line += ':';
    std::visit(ValuePrinter{LogFormat::kJson, line}, field.value);
  }
  return line + "}\n";
}

std::string TextLine(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string line = absl::FormatTime("%H:%M:%E3S ", absl::Now(), absl::LocalTimeZone());
  if (level != LogLevel::kInfo) absl::StrAppend(&line, ToAbsl(LevelName(level)), " ");
  AppendEscaped(event, line);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", ToAbsl(field.name), "=");
    std::visit(ValuePrinter{LogFormat::kText, line}, field.value);
  }
  return line + "\n";
}

}  // namespace

void Log::Info(std::string_view event, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kInfo, event, fields);
}

void Log::Warning(std::string_view event, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kWarning, event, fields);
}

void Log::Error(std::string_view event, std::initializer_list<LogField> fields) const {
  Write(LogLevel::kError, event, fields);
}

void Log::Write(LogLevel level, std::string_view event,
                std::initializer_list<LogField> fields) const {
  const std::string line =
      format_ == LogFormat::kJson ? JsonLine(level, event, fields) : TextLine(level, event, fields);
  // A log that cannot be written must not stop the service.
  [[maybe_unused]] const ssize_t written = write(fd_, line.data(), line.size());
}

}  // namespace sextant
