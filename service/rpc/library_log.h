#pragma once

#include "service/instrumentation/log.h"

namespace sextant {

/// Sends what gRPC reports as an error to `log`, one event each, and drops what protobuf prints
/// about messages that cannot be read: their senders are told. `log` lives as long as the process.
void SendLibraryLogTo(const Log& log);

}  // namespace sextant
