#pragma once

#include <string>

#include "sextant/v1/admin_service.pb.h"

namespace sextant {

/// The state of a server for people: its version and memory, then a line per dataset with the
/// progress of its load.
std::string StatusText(const v1::GetStatusResponse& status);

/// One dataset on one line, without what changes all the time (ages, rates): for logs.
std::string DatasetLine(const v1::DatasetStatus& dataset);

}  // namespace sextant
