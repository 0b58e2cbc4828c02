#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "tests/bench/peers/measurement.h"
#include "tests/bench/peers/random_numbers.h"

namespace sextant::peers {

/// Asks one question of the client's choice; the milliseconds that the answer took.
using AskOnce = std::function<absl::StatusOr<double>(size_t client, RandomNumbers& random)>;

/// Lets `num_clients` threads ask for `seconds`; `report` gets what each answer took.
/// Errors: the first one of a question.
absl::Status RunClients(int num_clients, double seconds, const Report& report,
                        const AskOnce& ask_once);

}  // namespace sextant::peers
