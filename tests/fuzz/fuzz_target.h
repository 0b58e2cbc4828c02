#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

/// Each fuzz target is one file with this function, which libFuzzer (preset `fuzz`) or
/// replay_main.cc (every other preset) calls with bytes from anywhere. It ends the program when the
/// product breaks a promise; whatever it returns is 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sextant::fuzz {

/// Ends the program unless `status` is one that bad input may cause: it has a message, and is
/// neither INTERNAL nor UNKNOWN, which would be a bug of ours.
void CheckRefusal(const absl::Status& status);

}  // namespace sextant::fuzz
