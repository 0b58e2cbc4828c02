#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/intervals.h"
#include "tests/oracle/naive_groups.h"
#include "tests/oracle/naive_pin.h"

namespace sextant::oracle {

/// A value that may be left out, and the tiles that its row is in.
struct ClipSample {
  Datum value;
  std::vector<int64_t> tiles;
};

/// Which samples of each lane and group are outliers: by a sort of each tile (rule 20).
class NaiveClip {
 public:
  NaiveClip(const TableCase& table, const RequestCase& request, Interval whole)
      : table_(table), request_(request), whole_(whole) {}

  /// The sample that `lane` clips by; no tiles where it has none.
  ClipSample Read(const NaiveRow& row, const Lane& lane) const;
  void Add(const NaiveGroup& group, size_t lane, const ClipSample& sample);
  void Clear() { tiles_.clear(); }
  /// REQUIRES: all samples were added.
  bool IsOutside(const NaiveGroup& group, size_t lane, Kind kind, const ClipSample& sample);

 private:
  struct Tile {
    std::vector<Datum> values;
    bool is_sorted = false;
  };

  const TableCase& table_;
  const RequestCase& request_;
  const Interval whole_;
  std::map<std::tuple<NaiveGroup, size_t, int64_t>, Tile> tiles_;
};

}  // namespace sextant::oracle
