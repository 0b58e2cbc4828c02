#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "compute/operators/clip_cuts.h"
#include "compute/operators/numbered_rows.h"
#include "compute/operators/sample_pin.h"
#include "compute/operators/value_reader.h"

namespace sextant {

/// What clips the samples of a pass: the plan of its query, the cuts that were found for it, and
/// the tiles that these are of. Only the cuts must outlive what is made from them.
struct PassClips {
  const ClipPlan& plan;
  const ClipCuts& cuts;
  const ResolvedSeries& tiles;
  bool reuses_samples = false;  // that the cuts were found of: they were kept by interval
};

/// Finds the cuts that samples of a pin must lie within: those of their group and tile (rule 20).
/// Const after construction; safe for any number of threads, each with its own scratch.
class SampleTiles {
 public:
  /// `number`: of one of the plan's clips of the pin. Errors: those of SamplePin::Create.
  static absl::StatusOr<SampleTiles> Create(const PassClips& clips, size_t number,
                                            const SamplePin::Context& context);

  /// Whether a sample has one tile at most, so that FindPlaces may be called; else a row is outside
  /// where it is in any of its tiles.
  bool has_places() const { return !pin_.may_repeat(); }
  /// Writes the place (ClipCuts::PlaceOf) of each of at most kBatchRows samples: rows and their
  /// cells, whose groups among the cuts are group_of_cell. Errors: those of SamplePin::Expand.
  absl::Status FindPlaces(const Chunk& chunk, const RowsAndNumbers& samples,
                          std::span<const uint32_t> group_of_cell, PinScratch& scratch,
                          uint32_t* places) const;
  const SamplePin& pin() const { return pin_; }

 private:
  SampleTiles(const ClipCuts& cuts, SamplePin pin) : cuts_(&cuts), pin_(std::move(pin)) {}

  const ClipCuts* cuts_;
  SamplePin pin_;
};

/// Leaves out the samples of a lane that are outside of the cuts of their group and tile; of a list
/// of times, in any of their tiles (rule 20). Const after construction; safe for any number of
/// threads, each with its own scratch.
class SampleClip {
 public:
  /// `number`: of the plan's. Errors: those of ValueReader::Create.
  static absl::StatusOr<SampleClip> Create(const PassClips& clips, size_t number,
                                           const Table& table, MemoryBudget& budget);

  /// Those of `samples` that are kept, in `room`; places[k] is that of samples.rows[k].
  RowsAndNumbers Keep(const Chunk& chunk, const RowsAndNumbers& samples, const uint32_t* places,
                      KeptRows& room) const;
  /// The same of samples that may have several tiles. Errors: those of SamplePin::Expand.
  absl::StatusOr<RowsAndNumbers> KeepInAllTiles(const Chunk& chunk, const RowsAndNumbers& samples,
                                                std::span<const uint32_t> group_of_cell,
                                                const SampleTiles& tiles, PinScratch& scratch,
                                                KeptRows& room) const;

 private:
  SampleClip(const ClipCuts& cuts, size_t number, ValueReader value)
      : cuts_(&cuts), number_(number), value_(std::move(value)) {}

  const ClipCuts* cuts_;
  size_t number_;
  ValueReader value_;
};

}  // namespace sextant
