#include "service/cli/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

using ::testing::HasSubstr;

class OutputFileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  void Put(const std::string& name, const std::string& content) {
    std::ofstream(Path(name)) << content;
  }

  std::string ContentOf(const std::string& name) const {
    std::ostringstream content;
    content << std::ifstream(Path(name)).rdbuf();
    return content.str();
  }

  size_t NumFiles() const {
    const std::filesystem::directory_iterator files(folder_.path());
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

  TemporaryFolder folder_;
};

TEST_F(OutputFileTest, AFileAppearsWhenItIsCommitted) {
  const auto file = OutputFile::Create(Path("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->stream() << "new";
  EXPECT_FALSE(std::filesystem::exists(Path("x")));
  EXPECT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(ContentOf("x"), "new");
  EXPECT_EQ(NumFiles(), 1u);
}

TEST_F(OutputFileTest, WithoutCommitTheOldFileStaysAndNothingElse) {
  Put("x", "old");
  {
    const auto file = OutputFile::Create(Path("x"));
    ASSERT_TRUE(file.ok()) << file.status();
    (*file)->stream() << "new";
  }
  EXPECT_EQ(ContentOf("x"), "old");
  EXPECT_EQ(NumFiles(), 1u);
}

TEST_F(OutputFileTest, AFileThatIsReplacedKeepsItsPermissions) {
  Put("x", "old");
  chmod(Path("x").c_str(), 0640);
  const auto file = OutputFile::Create(Path("x"));
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Commit().ok());
  struct stat status = {};
  ASSERT_EQ(stat(Path("x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0640u);
}

TEST_F(OutputFileTest, ALinkStaysALink) {
  Put("x", "old");
  std::filesystem::create_symlink("x", Path("link"));
  const auto file = OutputFile::Create(Path("link"));
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->stream() << "new";
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  EXPECT_EQ(ContentOf("x"), "new");
}

TEST_F(OutputFileTest, ADeviceIsWrittenToAndNotReplaced) {
  const auto file = OutputFile::Create("/dev/null");
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->stream() << "gone";
  EXPECT_TRUE((*file)->Commit().ok());
  EXPECT_FALSE(std::filesystem::is_regular_file("/dev/null"));
}

TEST_F(OutputFileTest, AFolderThatIsNotThereIsRefusedWithThePath) {
  const auto file = OutputFile::Create(Path("none/x"));
  EXPECT_THAT(file.status().message(), HasSubstr("none/x': No such file or directory"));
}

TEST_F(OutputFileTest, ADirectoryIsRefused) {
  EXPECT_THAT(OutputFile::Create(folder_.path().string()).status().message(),
              HasSubstr("it is a directory"));
}

TEST_F(OutputFileTest, WhatCouldNotBeWrittenIsAnError) {
  const auto file = OutputFile::Create("/dev/full");
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->stream() << "lost";
  EXPECT_THAT((*file)->Commit().message(), HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace sextant
