#include "service/instrumentation/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace sextant {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// What `write` puts on a log of the format.
template <typename Write>
std::string Logged(LogFormat format, Write write) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  write(Log(format, ends[1]));
  close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = read(ends[0], text.data(), text.size());
  close(ends[0]);
  text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

nlohmann::json LoggedJson(std::initializer_list<LogField> fields) {
  return nlohmann::json::parse(
      Logged(LogFormat::kJson, [&](const Log& log) { log.Info("event", fields); }));
}

TEST(LogTest, AnEventIsOneJsonObjectOnOneLine) {
  const std::string line = Logged(LogFormat::kJson, [](const Log& log) {
    log.Info("dataset published", {{"dataset", "commits"}, {"rows", 438231}, {"seconds", 1.5}});
  });
  EXPECT_THAT(line, EndsWith("}\n"));
  const nlohmann::json json = nlohmann::json::parse(line);
  EXPECT_EQ(json["event"], "dataset published");
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["dataset"], "commits");
  EXPECT_EQ(json["rows"], 438231);
  EXPECT_EQ(json["seconds"], 1.5);
}

TEST(LogTest, TheTimeIsUtcWithMilliseconds) {
  EXPECT_THAT(LoggedJson({})["time"].get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST(LogTest, ATextWithLineBreaksAndQuotesCannotForgeALine) {
  const std::string forged = "x\"}\n{\"event\":\"forged\"\\\x01";
  EXPECT_EQ(LoggedJson({{"text", forged}})["text"], forged);
}

TEST(LogTest, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(LoggedJson({{"text", "a\xFF\xC3"}})["text"], "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(LogTest, Utf8IsKept) {
  EXPECT_EQ(LoggedJson({{"text", "Zürich 雪 🙂"}})["text"], "Zürich 雪 🙂");
}

TEST(LogTest, ANumberThatIsNotFiniteIsNull) {
  EXPECT_TRUE(LoggedJson({{"x", std::numeric_limits<double>::quiet_NaN()}})["x"].is_null());
}

TEST(LogTest, AFlagIsABoolean) { EXPECT_EQ(LoggedJson({{"ready", true}})["ready"], true); }

TEST(LogTest, TextForPeopleQuotesOnlyWhatNeedsIt) {
  const std::string line = Logged(LogFormat::kText, [](const Log& log) {
    log.Warning("load failed", {{"dataset", "commits"}, {"error", "no such table"}});
  });
  EXPECT_THAT(line, HasSubstr(" warning load failed dataset=commits error=\"no such table\"\n"));
}

TEST(LogTest, TextForPeopleStaysOnOneLine) {
  const std::string line = Logged(LogFormat::kText, [](const Log& log) {
    log.Error("a\nb", {{"x", "c\nd"}});
  });
  EXPECT_THAT(line.substr(0, line.size() - 1), Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace sextant
