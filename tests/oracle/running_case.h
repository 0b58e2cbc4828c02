#pragma once

#include <cstdint>

namespace sextant::oracle {

/// Has a process that a signal ends (a segmentation fault, a failed invariant) tell its stack and
/// the case that it ran, as SEXTANT_ORACLE_REPLAY takes it. Once per process; not under sanitizers,
/// which tell more. Thread-safety: none.
void TellRunningCaseOnCrash();

/// The case that runs from now on; seeds as in Finding. Thread-safe.
void SetRunningCase(uint64_t table_seed, uint64_t request_seed);

}  // namespace sextant::oracle
