// Runs a fuzz target without libFuzzer, so that every compiler and sanitizer sees what was found:
//
//   NAME_replay FOLDER [MUTATIONS]
//
// calls the target with each file of FOLDER, then with MUTATIONS inputs made from them, the seed of
// which is printed; SEXTANT_FUZZ_SEED replays one. Exit status 0 when the target came through.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxInputBytes = 8192;
constexpr int kMaxChanges = 4;

std::vector<std::string> ReadFolder(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const fs::path& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return inputs;
}

/// One input changed in a few places: bytes flipped, taken away, doubled, or taken from another.
class Mutator {
 public:
  Mutator(const std::vector<std::string>& inputs, uint64_t seed) : inputs_(inputs), random_(seed) {}

  std::string Next() {
    std::string input = AnyInput();
    for (size_t changes = 1 + Below(kMaxChanges); changes > 0; --changes) Change(input);
    input.resize(std::min(input.size(), kMaxInputBytes));
    return input;
  }

 private:
  size_t Below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const std::string& AnyInput() { return inputs_[Below(inputs_.size())]; }

  void Change(std::string& input) {
    const size_t at = Below(input.size() + 1);
    const size_t length = 1 + Below(16);
    switch (Below(4)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ 1 << Below(8));
        return;
      case 1:
        input.erase(at, length);
        return;
      case 2:
        input.insert(at, std::string(input, at, length));
        return;
      default: {
        const std::string& other = AnyInput();
        input.replace(at, length, other, Below(other.size() + 1), 1 + Below(64));
      }
    }
  }

  const std::vector<std::string>& inputs_;
  std::mt19937_64 random_;
};

void Run(const std::string& input) {
  // A copy of exact size, so that a sanitizer sees a read behind it.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  static_cast<void>(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()));
}

uint64_t Seed() {
  const char* const given = std::getenv("SEXTANT_FUZZ_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s FOLDER [MUTATIONS]\n", argv[0]);
    return 2;
  }
  const std::vector<std::string> inputs = ReadFolder(argv[1]);
  if (inputs.empty()) {
    std::fprintf(stderr, "%s: found no file in %s\n", argv[0], argv[1]);
    return 2;
  }
  for (const std::string& input : inputs) Run(input);

  const uint64_t seed = Seed();
  const std::string_view wanted = argc == 3 ? argv[2] : "0";
  size_t num_mutations = 0;
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), num_mutations);
  std::printf("%zu files; SEXTANT_FUZZ_SEED=%llu, %zu mutations\n", inputs.size(),
              static_cast<unsigned long long>(seed), num_mutations);
  std::fflush(stdout);
  Mutator mutator(inputs, seed);
  for (size_t i = 0; i < num_mutations; ++i) Run(mutator.Next());
  return 0;
}
