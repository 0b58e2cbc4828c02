#pragma once

#include <string>

#include "google/protobuf/message_lite.h"

namespace sextant {

/// The parts of an answer, by their field number: the same in QueryMetricsResponse, which holds one
/// of them, and in ComputeMetricsResponse, which holds all.
enum class FrameField { kHeader = 1, kBatch = 4, kSummary = 5, kArrow = 6 };

/// The bytes of a QueryMetricsResponse that holds `message`. One after another, such frames are the
/// bytes of the ComputeMetricsResponse that holds them all.
std::string FrameOf(FrameField field, const google::protobuf::MessageLite& message);

}  // namespace sextant
