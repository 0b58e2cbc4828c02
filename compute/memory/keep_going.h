#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace sextant {

/// Asked every few milliseconds of work whether to go on; its error (CANCELLED, DEADLINE_EXCEEDED)
/// ends the work. Cheap, so that asking more often does no harm.
using KeepGoing = absl::FunctionRef<absl::Status()>;

/// Of work that nobody calls off.
inline absl::Status AlwaysGoOn() { return absl::OkStatus(); }

}  // namespace sextant
