#include "service/instrumentation/self_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "service/build_info/build_info.h"

namespace sextant {
namespace {

SampledMetric Single(std::string name, std::string help, SampledMetric::Kind kind, double value) {
  return {std::move(name), std::move(help), kind, {{.labels = {}, .value = value}}};
}

/// Fields of /proc/self/stat from the third on: the second is a name that may hold blanks.
std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return {};
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::optional<double> BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    double seconds = 0;
    if (std::sscanf(line.c_str(), "btime %lf", &seconds) == 1) return seconds;
  }
  return std::nullopt;
}

std::optional<int> OpenDescriptors() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return std::nullopt;
  int count = 0;
  while (const dirent* entry = readdir(directory)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(directory);
  return count - 1;  // the directory itself
}

}  // namespace

std::vector<SampledMetric> SampleProcess() {
  using enum SampledMetric::Kind;
  std::vector<SampledMetric> metrics;
  rusage usage = {};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    metrics.push_back(Single("process_cpu_seconds_total", "User and system CPU time", kCounter,
                             seconds(usage.ru_utime) + seconds(usage.ru_stime)));
  }
  const std::vector<std::string> stat = StatFields();
  if (stat.size() > 21) {
    // Numbered from 1 in proc(5): 22 starttime, 23 vsize, 24 rss; the first here is the third.
    metrics.push_back(
        Single("process_virtual_memory_bytes", "Virtual memory", kGauge, std::stod(stat[20])));
    metrics.push_back(Single("process_resident_memory_bytes", "Resident memory", kGauge,
                             std::stod(stat[21]) * static_cast<double>(sysconf(_SC_PAGESIZE))));
    if (const std::optional<double> boot = BootTimeSeconds()) {
      const double started = std::stod(stat[19]) / static_cast<double>(sysconf(_SC_CLK_TCK));
      metrics.push_back(
          Single("process_start_time_seconds", "Start, as Unix time", kGauge, *boot + started));
    }
  }
  if (const std::optional<int> open = OpenDescriptors()) {
    metrics.push_back(Single("process_open_fds", "Open file descriptors", kGauge, *open));
  }
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    metrics.push_back(Single("process_max_fds", "Limit of open file descriptors", kGauge,
                             static_cast<double>(limit.rlim_cur)));
  }
  return metrics;
}

std::vector<SampledMetric> SampleBuildInfo() {
  const BuildInfo& build = GetBuildInfo();
  SampledMetric metric{"sextant_build_info",
                       "What this process was built from; always 1",
                       SampledMetric::Kind::kGauge,
                       {}};
  metric.samples.push_back({.labels = {{"version", std::string(build.version)},
                                       {"revision", std::string(build.revision)},
                                       {"compiler", std::string(build.compiler)}},
                            .value = 1});
  return {metric};
}

}  // namespace sextant
