#include "compute/operators/kept_tuples.h"

#include <utility>

#include "compute/memory/status_macros.h"

namespace sextant {

absl::StatusOr<KeptTuples> KeptTuples::Create(std::span<const AxisCoder> coders,
                                              MemoryBudget& budget) {
  KeptTuples tuples;
  for (size_t axis = 0; axis < coders.size(); ++axis) {
    tuples.states_.emplace_back(budget);
    tuples.prefixes_.emplace_back(budget);
  }
  return tuples;
}

absl::Status KeptTuples::Add(std::span<const AxisCoder> coders, std::span<const AxisState> states,
                             const uint32_t* codes) {
  uint64_t prefix = 0;
  for (size_t axis = 0; axis < coders.size(); ++axis) {
    SEXTANT_ASSIGN_OR_RETURN(const uint32_t code,
                             coders[axis].AbsorbCode(states[axis], codes[axis], states_[axis]));
    SEXTANT_RETURN_IF_ERROR(prefixes_[axis].Reserve(1));
    prefix = prefixes_[axis].Intern(prefix << 32 | code);
  }
  return absl::OkStatus();
}

absl::Status KeptTuples::SeedState(const AxisCoder& coder, size_t axis, AxisState& state,
                                   MemoryBudget& budget) const {
  TrackedVector<uint32_t> remap(budget);
  return coder.Absorb(states_[axis], state, remap);
}

bool KeptTuples::Contains(std::span<const uint32_t* const> codes, size_t k) const {
  uint64_t prefix = 0;
  for (size_t axis = 0; axis < codes.size(); ++axis) {
    const uint32_t id = prefixes_[axis].Find(prefix << 32 | codes[axis][k]);
    if (id == HashSlots::kAbsent) return false;
    prefix = id;
  }
  return true;
}

}  // namespace sextant
