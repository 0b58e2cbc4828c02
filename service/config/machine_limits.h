#pragma once

#include <cstdint>
#include <string>

namespace sextant {

/// What this process may use of the machine.
struct MachineLimits {
  int cpus = 1;
  int64_t memory_bytes = 0;
};

/// The limits of the cgroup (v2, else v1) whose files lie under `cgroup_root`, where it sets any,
/// else the CPUs this process may run on and the memory of the machine. A fraction of a CPU counts
/// as one.
MachineLimits ReadMachineLimits(const std::string& cgroup_root = "/sys/fs/cgroup");

}  // namespace sextant
