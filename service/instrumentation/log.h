#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace sextant {

enum class LogLevel { kInfo, kWarning, kError };
enum class LogFormat {
  kJson,  ///< {"time":"...","level":"info","event":"listening","address":"127.0.0.1:7600"}
  kText,  ///< 12:00:00.123 listening address=127.0.0.1:7600
};

struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, const std::string& text)
      : LogField(field_name, std::string_view(text)) {}
  LogField(std::string_view field_name, const char* text)
      : LogField(field_name, std::string_view(text)) {}
  LogField(std::string_view field_name, int64_t number) : name(field_name), value(number) {}
  LogField(std::string_view field_name, int number) : LogField(field_name, int64_t{number}) {}
  LogField(std::string_view field_name, double number) : name(field_name), value(number) {}
  LogField(std::string_view field_name, bool flag) : name(field_name), value(flag) {}

  std::string_view name;
  std::variant<std::string_view, int64_t, double, bool> value;
};

/// Writes one line per event, each with one write(2), so that lines never mix. Control characters
/// are escaped and bytes that are not UTF-8 replaced, so that no text of a user can forge a line.
/// Callers pass no secret and no tenant's value. Thread-safe.
class Log {
 public:
  explicit Log(LogFormat format, int fd = 2) : format_(format), fd_(fd) {}

  void Info(std::string_view event, std::initializer_list<LogField> fields = {}) const;
  void Warning(std::string_view event, std::initializer_list<LogField> fields = {}) const;
  void Error(std::string_view event, std::initializer_list<LogField> fields = {}) const;

 private:
  void Write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) const;

  const LogFormat format_;
  const int fd_;
};

}  // namespace sextant
