#include "service/config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::StrEq;

CommandLine Parse(std::vector<std::string> arguments) {
  absl::StatusOr<CommandLine> line = ParseCommandLine(std::move(arguments));
  EXPECT_TRUE(line.ok()) << line.status();
  return line.ok() ? *std::move(line) : CommandLine();
}

std::string Refused(std::vector<std::string> arguments) {
  const auto line = ParseCommandLine(std::move(arguments));
  EXPECT_EQ(line.status().code(), absl::StatusCode::kInvalidArgument) << line.status();
  return std::string(line.status().message());
}

/// A configuration file of this text, for as long as it lives.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) : path_((folder_.path() / "server.yaml").string()) {
    std::ofstream(path_) << text;
  }
  const std::string& path() const { return path_; }

 private:
  const TemporaryFolder folder_;
  const std::string path_;
};

TEST(CommandLineTest, OnlyTheCatalogueIsNeeded) {
  const CommandLine line = Parse({"--catalog", "cat"});
  EXPECT_EQ(line.action, CommandLine::Action::kServe);
  EXPECT_EQ(line.config.catalog, "cat");
  EXPECT_EQ(line.config.listen, "127.0.0.1:7600");
  EXPECT_EQ(line.config.http, "127.0.0.1:7601");
  EXPECT_EQ(line.config.log, LogFormat::kJson);
  EXPECT_EQ(line.config.result_cache_bytes, 64 << 20);
}

TEST(CommandLineTest, AResultCacheOfNoBytesIsNone) {
  EXPECT_EQ(Parse({"--catalog", "c", "--result-cache", "0"}).config.result_cache_bytes, 0);
}

TEST(CommandLineTest, FlagsSetWhatTheySay) {
  const ServerConfig config =
      Parse({"--catalog=c", "--listen=0.0.0.0:1", "--http", "[::1]:2", "--log", "text", "--threads",
             "3", "--memory", "2GiB", "--result-cache", "16MiB", "--drain-delay-ms", "5",
             "--max-deadline-ms", "7"})
          .config;
  EXPECT_EQ(config.listen, "0.0.0.0:1");
  EXPECT_EQ(config.http, "[::1]:2");
  EXPECT_EQ(config.log, LogFormat::kText);
  EXPECT_EQ(config.threads, 3);
  EXPECT_EQ(config.memory_bytes, int64_t{2} << 30);
  EXPECT_EQ(config.result_cache_bytes, 16 << 20);
  EXPECT_EQ(config.drain_delay_ms, 5);
  EXPECT_EQ(config.max_deadline_ms, 7);
}

TEST(CommandLineTest, FlagsGoBeforeTheFile) {
  const ConfigFile file("catalog: a\nthreads: 2\nmemory: 64MiB\n");
  const ServerConfig config = Parse({"--threads", "3", "--config", file.path()}).config;
  EXPECT_EQ(config.catalog, "a");
  EXPECT_EQ(config.threads, 3);
  EXPECT_EQ(config.memory_bytes, 64 << 20);
}

TEST(CommandLineTest, ExplainAndVerifyAreOnUnlessTheyAreSwitchedOff) {
  const ServerConfig silent = Parse({"--catalog", "c"}).config;
  EXPECT_TRUE(silent.explain);
  EXPECT_TRUE(silent.verify);
  const ConfigFile file("catalog: a\nexplain: off\n");
  const ServerConfig config = Parse({"--verify", "off", "--config", file.path()}).config;
  EXPECT_FALSE(config.explain);
  EXPECT_FALSE(config.verify);
}

TEST(CommandLineTest, ASwitchIsOnOrOff) {
  EXPECT_THAT(Refused({"--catalog", "c", "--verify", "maybe"}),
              HasSubstr("--verify: found 'maybe', allowed: on, off"));
}

TEST(CommandLineTest, CheckAsksForAValidation) {
  EXPECT_EQ(Parse({"--catalog", "c", "--check"}).action, CommandLine::Action::kCheck);
}

TEST(CommandLineTest, VersionAndHelpNeedNoCatalogue) {
  EXPECT_THAT(Parse({"--version"}).text, HasSubstr("sextantd 0."));
  EXPECT_THAT(Parse({"--help"}).text, HasSubstr("--catalog"));
}

TEST(CommandLineTest, NoCatalogueIsRefused) {
  EXPECT_THAT(Refused({}), HasSubstr("--catalog: found nothing"));
}

TEST(CommandLineTest, AnUnknownFlagIsRefused) {
  EXPECT_THAT(Refused({"--catalog", "c", "--colour", "red"}), HasSubstr("--colour"));
}

TEST(CommandLineTest, AValueOutOfRangeIsRefusedWithWhatIsAllowed) {
  EXPECT_THAT(Refused({"--catalog", "c", "--threads", "1025"}),
              HasSubstr("--threads: found '1025', allowed: 0 to 1024"));
  EXPECT_THAT(Refused({"--catalog", "c", "--threads", "-1"}), HasSubstr("threads"));
  EXPECT_THAT(Refused({"--catalog", "c", "--log", "xml"}), HasSubstr("allowed: json, text"));
}

TEST(CommandLineTest, ADeadlineOf0IsRefused) {
  for (const char* flag : {"--default-deadline-ms", "--max-deadline-ms"}) {
    EXPECT_THAT(Refused({"--catalog", "c", flag, "0"}),
                StrEq(std::string(flag) + ": found '0', allowed: 1 to 86400000"));
    EXPECT_THAT(Refused({"--catalog", "c", flag, "86400001"}), HasSubstr("allowed: 1 to 86400000"));
  }
  const ConfigFile file("threads: 2\nmax_deadline_ms: 0\n");
  EXPECT_THAT(Refused({"--catalog", "c", "--config", file.path()}),
              HasSubstr("server.yaml:2: max_deadline_ms: found '0', allowed: 1 to 86400000"));
}

TEST(CommandLineTest, ADrainOf0IsAllowed) {
  const ServerConfig config =
      Parse({"--catalog", "c", "--drain-ms", "0", "--drain-delay-ms", "0"}).config;
  EXPECT_EQ(config.drain_ms, 0);
  EXPECT_EQ(config.drain_delay_ms, 0);
}

TEST(CommandLineTest, AnAddressWithoutPortIsRefused) {
  for (const char* flag : {"--listen", "--http"}) {
    EXPECT_THAT(Refused({"--catalog", "c", flag, "localhost"}),
                StartsWith(std::string(flag) +
                           ": found 'localhost', which has no port, allowed: HOST:PORT"));
    EXPECT_THAT(Refused({"--catalog", "c", flag, "http://localhost:1"}),
                HasSubstr("allowed: HOST:PORT"));
    EXPECT_THAT(Refused({"--catalog", "c", flag, "h:65536"}), HasSubstr("0 to 65535"));
  }
}

TEST(CommandLineTest, AnUnknownKeyOfTheFileIsRefusedWithItsLine) {
  const ConfigFile file("threads: 2\ncolour: red\n");
  EXPECT_THAT(Refused({"--catalog", "c", "--config", file.path()}),
              HasSubstr("server.yaml:2: colour: found 'red', allowed: catalog, listen"));
}

TEST(CommandLineTest, AFileThatIsNoYamlIsRefusedWithItsLine) {
  const ConfigFile file("threads: 2\n  - [\n");
  EXPECT_THAT(Refused({"--catalog", "c", "--config", file.path()}), HasSubstr("server.yaml:"));
}

TEST(CommandLineTest, AListWhereOneValueIsMeantIsRefused) {
  const ConfigFile file("threads: [1, 2]\n");
  EXPECT_THAT(Refused({"--catalog", "c", "--config", file.path()}),
              HasSubstr("server.yaml:1: threads: found no single value"));
}

TEST(CommandLineTest, AFileThatIsNotThereIsAnError) {
  EXPECT_EQ(ParseCommandLine({"--config", "/nowhere/server.yaml"}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ParseBytesTest, UnitsArePowersOfTwo) {
  EXPECT_EQ(*ParseBytes("3KiB"), 3072);
  EXPECT_EQ(*ParseBytes("17"), 17);
}

TEST(ParseBytesTest, WhatIsNoNumberOrTooLargeIsRefused) {
  for (const char* text : {"", "GiB", "-1", "1.5GiB", "4GB", "99999999999GiB"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sextant
