#include "service/config/machine_limits.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/testing/temporary_folder.h"

namespace sextant {
namespace {

/// The limits that a cgroup with these files gives.
MachineLimits LimitsOf(const std::map<std::string, std::string>& files) {
  const TemporaryFolder folder;
  for (const auto& [name, text] : files) {
    const std::filesystem::path path = folder.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  return ReadMachineLimits(folder.path().string());
}

TEST(MachineLimitsTest, WithoutCgroupTheMachineIsTheLimit) {
  const MachineLimits limits = LimitsOf({});
  EXPECT_GE(limits.cpus, 1);
  EXPECT_GT(limits.memory_bytes, int64_t{1} << 27);
}

TEST(MachineLimitsTest, Version2SetsCpusAndMemory) {
  const MachineLimits limits =
      LimitsOf({{"cpu.max", "100000 100000\n"}, {"memory.max", "104857600\n"}});
  EXPECT_EQ(limits.cpus, 1);
  EXPECT_EQ(limits.memory_bytes, 104857600);
}

TEST(MachineLimitsTest, Version2WithoutLimitSaysMax) {
  const MachineLimits limits = LimitsOf({{"cpu.max", "max 100000\n"}, {"memory.max", "max\n"}});
  EXPECT_EQ(limits.cpus, LimitsOf({}).cpus);
  EXPECT_EQ(limits.memory_bytes, LimitsOf({}).memory_bytes);
}

TEST(MachineLimitsTest, Version1SetsCpusAndMemory) {
  const MachineLimits limits = LimitsOf({{"cpu/cpu.cfs_quota_us", "50000\n"},
                                         {"cpu/cpu.cfs_period_us", "100000\n"},
                                         {"memory/memory.limit_in_bytes", "104857600\n"}});
  EXPECT_EQ(limits.cpus, 1);
  EXPECT_EQ(limits.memory_bytes, 104857600);
}

TEST(MachineLimitsTest, Version1WithoutLimitSaysMinusOneAndAHugeNumber) {
  const MachineLimits limits =
      LimitsOf({{"cpu/cpu.cfs_quota_us", "-1\n"},
                {"cpu/cpu.cfs_period_us", "100000\n"},
                {"memory/memory.limit_in_bytes", "9223372036854771712\n"}});
  EXPECT_EQ(limits.cpus, LimitsOf({}).cpus);
  EXPECT_EQ(limits.memory_bytes, LimitsOf({}).memory_bytes);
}

}  // namespace
}  // namespace sextant
