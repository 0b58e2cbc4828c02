#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "compute/operators/aggregate.h"
#include "compute/operators/morsel.h"
#include "compute/operators/near_packing.h"
#include "compute/operators/ordered_state.h"
#include "compute/operators/sample_source.h"

namespace sextant {
namespace {

/// As NearPacking, of floats: no key of theirs is the least int64.
class FloatPacking {
 public:
  using Source = KeySource;
  using Packed = uint64_t;

  FloatPacking(const OrderedValue&, bool is_max) : sign_(is_max ? 1 : ~uint64_t{0}) {}

  static bool Holds(const OrderedValue& value) {
    return value.reader.form() == ValueReader::Form::kFloat;
  }
  void Read(const OrderedValue& value, const SampleBatch& batch, Packed* __restrict packed) const {
    std::array<int64_t, kBatchRows> keys;
    std::array<uint8_t, kBatchRows> valid;
    value.reader.ReadKeys(*batch.chunk, batch.rows, keys.data(), valid.data());
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      packed[k] = Pack(keys[k]) & (Packed{0} - valid[k]);
    }
  }
  int64_t Unpack(Packed packed) const { return static_cast<int64_t>((packed * sign_) ^ kSignBit); }

 private:
  Packed Pack(int64_t key) const { return (static_cast<uint64_t>(key) ^ kSignBit) * sign_; }

  static constexpr uint64_t kSignBit = uint64_t{1} << 63;
  uint64_t sign_;
};

template <typename Packing>
class PackedExtremeState final : public AggregateState {
 public:
  PackedExtremeState(const OrderedValue& value, bool is_max, MemoryBudget& budget)
      : value_(value), packing_(value, is_max), source_(value, budget), cells_(budget) {}

  absl::Status Resize(uint32_t num_cells) override { return cells_.Resize(num_cells); }

  absl::Status Update(const SampleBatch& batch) override {
    std::array<Packed, kBatchRows> packed;
    packing_.Read(value_, batch, packed.data());
    Packed* __restrict cells = cells_.data();
    const uint32_t* __restrict cell_of = batch.cells;
    for (size_t k = 0; k < batch.rows.size(); ++k) {
      cells[cell_of[k]] = std::max(cells[cell_of[k]], packed[k]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(AggregateState& from, std::span<const uint32_t> cell_map,
                     KeepGoing keep_going) override {
    const auto& other = static_cast<const PackedExtremeState&>(from);
    return MergeCells(other.cells_.size(), keep_going, [&](size_t cell) {
      Packed& into = cells_[cell_map[cell]];
      into = std::max(into, other.cells_[cell]);
    });
  }

  bool HasSample(uint32_t cell) const override { return cells_[cell] != 0; }
  void MarkSamples(std::span<uint8_t> has_sample) const override {
    const Packed* const cells = cells_.data();
    MarkSamplesBy(has_sample, [cells](size_t cell) { return cells[cell] != 0; });
  }

  absl::Status Finish(std::span<const uint32_t> cells, MetricValues& values,
                      KeepGoing) const override {
    for (const uint32_t cell : cells) {
      SEXTANT_RETURN_IF_ERROR(HasSample(cell)
                                  ? source_.Append(packing_.Unpack(cells_[cell]), values)
                                  : values.AppendMissing());
    }
    return absl::OkStatus();
  }

 private:
  using Packed = typename Packing::Packed;

  const OrderedValue& value_;
  const Packing packing_;
  const typename Packing::Source source_;
  TrackedVector<Packed> cells_;
};

template <typename Packing>
class PackedExtreme final : public Aggregate {
 public:
  PackedExtreme(const AggregateSpec& spec, const OrderedValue& value)
      : value_(value), kind_(spec.aggregate.kind) {}

  std::unique_ptr<AggregateState> MakeState(MemoryBudget& budget) const override {
    return std::make_unique<PackedExtremeState<Packing>>(value_, kind_ == AggregateKind::kMax,
                                                         budget);
  }
  bool is_order_free() const override { return true; }
  std::unique_ptr<AggregateState> MakeView(AggregateState& leader) const override {
    return MakeOrderedView(leader, {.kind = kind_});
  }

 private:
  const OrderedValue value_;
  const AggregateKind kind_;
};

}  // namespace

std::unique_ptr<Aggregate> MakePackedExtreme(const AggregateSpec& spec) {
  const OrderedValue value(spec.aggregate.value, spec.table);
  if (NearPacking::Holds(value)) return std::make_unique<PackedExtreme<NearPacking>>(spec, value);
  if (FloatPacking::Holds(value)) {
    return std::make_unique<PackedExtreme<FloatPacking>>(spec, value);
  }
  return nullptr;
}

}  // namespace sextant
