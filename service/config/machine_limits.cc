#include "service/config/machine_limits.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>

namespace sextant {
namespace {

/// The first number of a file; none when there is no file or it says "max" or -1.
std::optional<int64_t> ReadNumber(std::istream& file) {
  int64_t number = 0;
  if (!(file >> number) || number <= 0) return std::nullopt;
  return number;
}

std::optional<int64_t> ReadNumber(const std::string& path) {
  std::ifstream file(path);
  return ReadNumber(file);
}

std::optional<int> CpuQuota(std::optional<int64_t> quota_us, std::optional<int64_t> period_us) {
  if (!quota_us.has_value() || !period_us.has_value()) return std::nullopt;
  return static_cast<int>((*quota_us + *period_us - 1) / *period_us);
}

std::optional<int> CgroupCpus(const std::string& root) {
  std::ifstream v2(root + "/cpu.max");
  if (v2.is_open()) {
    const std::optional<int64_t> quota_us = ReadNumber(v2);
    return CpuQuota(quota_us, quota_us.has_value() ? ReadNumber(v2) : std::nullopt);
  }
  return CpuQuota(ReadNumber(root + "/cpu/cpu.cfs_quota_us"),
                  ReadNumber(root + "/cpu/cpu.cfs_period_us"));
}

std::optional<int64_t> CgroupMemory(const std::string& root) {
  const std::optional<int64_t> v2 = ReadNumber(root + "/memory.max");
  return v2.has_value() ? v2 : ReadNumber(root + "/memory/memory.limit_in_bytes");
}

int AllowedCpus() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  return std::max(1, CPU_COUNT(&allowed));
}

}  // namespace

MachineLimits ReadMachineLimits(const std::string& cgroup_root) {
  MachineLimits limits;
  limits.cpus = AllowedCpus();
  limits.memory_bytes = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  if (const std::optional<int> cpus = CgroupCpus(cgroup_root)) {
    limits.cpus = std::min(limits.cpus, *cpus);
  }
  // Without a limit, v1 gives a number beyond any memory.
  if (const std::optional<int64_t> memory = CgroupMemory(cgroup_root)) {
    limits.memory_bytes = std::min(limits.memory_bytes, *memory);
  }
  return limits;
}

}  // namespace sextant
