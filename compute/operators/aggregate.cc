#include "compute/operators/aggregate.h"

#include "compute/memory/check.h"

namespace sextant {

void AggregateState::MarkSamples(std::span<uint8_t> has_sample) const {
  for (uint32_t cell = 0; cell < has_sample.size(); ++cell) {
    if (HasSample(cell)) has_sample[cell] = 1;
  }
}

void AggregateState::AddNumbers(uint32_t, std::span<const int64_t>) {
  SEXTANT_CHECK(false) << "an aggregate that is not made of numbers";
}

void AggregateState::AddCount(uint32_t, uint64_t) {
  SEXTANT_CHECK(false) << "an aggregate that does not count";
}

std::unique_ptr<AggregateState> Aggregate::MakeView(AggregateState&) const {
  SEXTANT_CHECK(false) << "an aggregate that shares with none";
  return nullptr;
}

std::unique_ptr<Aggregate> MakeAggregate(const AggregateSpec& spec) {
  switch (spec.aggregate.kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
      return MakeCount(spec);
    case AggregateKind::kCountDistinct:
      return MakeCountDistinct(spec);
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      return MakeSum(spec);
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      return MakeExtreme(spec);
    case AggregateKind::kStddevSamp:
    case AggregateKind::kStddevPop:
    case AggregateKind::kVarSamp:
    case AggregateKind::kVarPop:
      return MakeVariance(spec);
    case AggregateKind::kPercentileCont:
    case AggregateKind::kPercentileDisc:
    case AggregateKind::kNearestRank:
    case AggregateKind::kRankBound:
    case AggregateKind::kResampledMean:
    case AggregateKind::kHistogramCounts:
    case AggregateKind::kHistogramEdges:
    case AggregateKind::kMode:
      return MakeOrdered(spec);
    case AggregateKind::kBoolOr:
    case AggregateKind::kBoolAnd:
      return MakeBool(spec);
    case AggregateKind::kConcurrencyMax:
    case AggregateKind::kConcurrencyMean:
      return MakeConcurrency(spec);
    case AggregateKind::kCorr:
    case AggregateKind::kRegrSlope:
    case AggregateKind::kRegrR2:
      return MakeRegression(spec);
    case AggregateKind::kTopValues:
      return MakeTopValues(spec);
  }
  SEXTANT_CHECK(false) << "aggregate kind " << static_cast<int>(spec.aggregate.kind);
  return nullptr;
}

}  // namespace sextant
