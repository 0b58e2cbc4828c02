#include "tests/testing/random_query.h"

#include <algorithm>
#include <string>

#include "compute/memory/check.h"
#include "compute/plan/time_zone.h"

namespace sextant {
namespace {

using Names = std::vector<std::string>;

constexpr int64_t kHourUs = int64_t{3'600} * 1'000'000;

ColumnIndex IndexOf(const Table& table, const std::string& name) {
  const auto index = table.schema().Find(name);
  SEXTANT_CHECK(index.has_value()) << name;
  return *index;
}

BoundValue ValueOf(const Table& table, const std::string& name) {
  BoundValue value;
  value.column = IndexOf(table, name);
  value.type = table.schema().field(value.column).type;
  return value;
}

BoundValue DifferenceOf(const Table& table, const std::string& a, const std::string& b) {
  BoundValue value = ValueOf(table, a);
  const DataType right = ValueOf(table, b).type;
  value.minus = IndexOf(table, b);
  if (IsFloat(value.type.kind) || IsFloat(right.kind)) {
    value.as_float = true;
    value.type = DataType::Of(TypeKind::kFloat64);
  } else if (value.type.kind == TypeKind::kTimestamp) {
    value.type = DataType::Of(TypeKind::kDuration);
  } else if (value.type.kind == TypeKind::kDecimal) {
    value.minus_factor = 100;  // price - an integer
    value.type = DataType::Decimal(18, 2);
  } else {
    value.type = DataType::Of(TypeKind::kInt64);
  }
  return value;
}

BoundValue RandomDifference(RandomDraws& draws, const Table& table) {
  switch (draws.Below(5)) {
    case 0:
      return DifferenceOf(table, "end", "start");
    case 1:
      return DifferenceOf(table, "big", "medium");
    case 2:
      return DifferenceOf(table, "double", "small");
    case 3:
      return DifferenceOf(table, "big", "big");
    default:
      return DifferenceOf(table, "price", "small");
  }
}

/// A key near those that the column has.
int64_t RandomKey(RandomDraws& draws, const BoundValue& value) {
  if (value.as_float || IsFloat(value.type.kind)) {
    return FloatKey(static_cast<double>(draws.Between(-40, 40)) / 8);
  }
  switch (value.type.kind) {
    case TypeKind::kTimestamp:
      return draws.Between(0, 475'000) * kHourUs;
    case TypeKind::kDuration:
      return draws.Between(-1000, 1000) * kHourUs;
    case TypeKind::kDate:
      return draws.Between(0, 19'800);
    case TypeKind::kEnum:
      return draws.Between(-1, 4);
    default:
      return draws.OneIn(2) ? draws.Between(-5, 10) : draws.Between(-5, 5) * 1'000'000'007;
  }
}

template <typename Key, typename Make>
std::vector<Key> RandomSet(RandomDraws& draws, Make make) {
  std::vector<Key> keys;
  const uint64_t size = draws.Below(5);
  for (uint64_t i = 0; i < size; ++i) keys.push_back(make());
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::string RandomText(RandomDraws& draws) {
  std::string text(1, static_cast<char>('a' + draws.Below(6)));
  if (draws.OneIn(3)) text += static_cast<char>('a' + draws.Below(20));
  return text;
}

BoundPredicate IntegerLeaf(RandomDraws& draws, const Table& table) {
  const BoundValue value =
      draws.OneIn(4)
          ? RandomDifference(draws, table)
          : ValueOf(table,
                    draws.Pick<std::string>({"bool", "small", "medium", "big", "real", "double",
                                             "price", "state", "day", "start", "end"}));
  if (draws.OneIn(2)) {
    const int64_t a = RandomKey(draws, value);
    const int64_t b = RandomKey(draws, value);
    const bool is_open = draws.OneIn(3);
    return {IntegerRangeLeaf{value, std::min(a, b),
                             is_open ? std::numeric_limits<int64_t>::max() : std::max(a, b)}};
  }
  return {
      IntegerSetLeaf{value, RandomSet<int64_t>(draws, [&] { return RandomKey(draws, value); })}};
}

BoundPredicate WideLeaf(RandomDraws& draws, const Table& table) {
  const std::string name = draws.Pick<std::string>({"wide", "uuid", "interval"});
  const BoundValue value = ValueOf(table, name);
  const Column& column = table.chunk(0).column(value.column);
  const auto key = [&] {
    return WideKey(value.type,
                   column.WideAt(static_cast<uint32_t>(draws.Below(column.num_rows()))));
  };
  if (draws.OneIn(2)) {
    const int128_t a = key();
    const int128_t b = key();
    return {WideRangeLeaf{value, std::min(a, b), std::max(a, b)}};
  }
  return {WideSetLeaf{value, RandomSet<int128_t>(draws, key)}};
}

BoundPredicate TextLeaf(RandomDraws& draws, const Table& table) {
  const BoundValue value = ValueOf(table, draws.Pick<std::string>({"word", "name", "bytes"}));
  if (draws.OneIn(2)) {
    return {TextSetLeaf{value, RandomSet<std::string>(draws, [&] { return RandomText(draws); })}};
  }
  TextRangeLeaf leaf{value, {}, {}};
  if (!draws.OneIn(3)) leaf.min = RandomText(draws);
  if (!draws.OneIn(3)) leaf.max = RandomText(draws);
  leaf.min_inclusive = draws.OneIn(2);
  leaf.max_inclusive = draws.OneIn(2);
  return {leaf};
}

BoundPredicate RandomListLeaf(RandomDraws& draws, const Table& table) {
  ListLeaf leaf;
  const bool is_text = draws.OneIn(2);
  leaf.value = ValueOf(table, is_text ? "words" : "numbers");
  leaf.match = draws.Pick<ListMatch>({ListMatch::kAnyOf, ListMatch::kAllOf, ListMatch::kEqualsAny});
  leaf.wants_null = leaf.match == ListMatch::kAllOf && draws.OneIn(5);
  if (is_text) {
    leaf.texts = RandomSet<std::string>(draws, [&] { return RandomText(draws); });
  } else {
    leaf.keys = RandomSet<int64_t>(draws, [&] { return draws.Between(0, 5); });
  }
  return {leaf};
}

BoundPredicate RandomLeaf(RandomDraws& draws, const Table& table) {
  switch (draws.Below(12)) {
    case 0:
      return {NullLeaf{draws.OneIn(3) ? RandomDifference(draws, table)
                                      : ValueOf(table, draws.Pick<std::string>(
                                                           {"small", "name", "words", "uuid"}))}};
    case 1:
      return {ConstantLeaf{static_cast<ConstantLeaf::Value>(draws.Below(3))}};
    case 2:
    case 3:
      return TextLeaf(draws, table);
    case 4:
      return WideLeaf(draws, table);
    case 5:
    case 6:
      return RandomListLeaf(draws, table);
    default:
      return IntegerLeaf(draws, table);
  }
}

DataType SumType(AggregateKind kind, const DataType& type) {
  if (kind == AggregateKind::kSum && IsInteger(type.kind)) return DataType::Of(TypeKind::kInt64);
  if (kind == AggregateKind::kSum && type.kind == TypeKind::kDecimal) {
    return DataType::Decimal(38, type.scale);
  }
  return DataType::Of(TypeKind::kFloat64);
}

BoundAggregate RandomAggregate(RandomDraws& draws, const Table& table) {
  BoundAggregate aggregate;
  aggregate.kind = static_cast<AggregateKind>(draws.Below(7));
  aggregate.result_type = DataType::Of(TypeKind::kInt64);
  if (aggregate.kind == AggregateKind::kCountRows) return aggregate;
  const Names numbers = {"small", "medium", "big", "real", "double", "price", "wide"};
  Names names = numbers;
  if (aggregate.kind != AggregateKind::kSum && aggregate.kind != AggregateKind::kAvg) {
    names.insert(names.end(), {"word", "name", "state", "day", "start", "interval"});
  }
  if (aggregate.kind == AggregateKind::kCount || aggregate.kind == AggregateKind::kCountDistinct) {
    names.insert(names.end(), {"bool", "uuid", "bytes"});
  }
  if (aggregate.kind == AggregateKind::kCount) names.emplace_back("words");
  aggregate.value =
      draws.OneIn(4) ? RandomDifference(draws, table) : ValueOf(table, draws.Pick(names));
  if (aggregate.IsCountLike()) return aggregate;
  const DataType& type = aggregate.value.type;
  if (aggregate.kind == AggregateKind::kSum || aggregate.kind == AggregateKind::kAvg) {
    aggregate.result_type = SumType(aggregate.kind, type);
  } else {
    aggregate.result_type =
        type.kind == TypeKind::kDuration ? DataType::Of(TypeKind::kFloat64) : type;
  }
  return aggregate;
}

void AddSeries(RandomDraws& draws, BoundQuery& query) {
  const std::vector<TimeSeries> all = {{CalendarUnit::kAll, 1},
                                       {CalendarUnit::kDay, 1},
                                       {CalendarUnit::kWeek, 1},
                                       {CalendarUnit::kMonth, 1},
                                       {CalendarUnit::kDay, 3}};
  query.series.push_back(draws.OneIn(2) ? all[0] : draws.Pick(all));
  if (draws.OneIn(3)) query.series.push_back(draws.Pick(all));
  query.week_start = static_cast<int>(draws.Between(1, 7));
  query.time_zone_name = draws.Pick<std::string>(
      {"UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Dublin"});
  const auto zone = FindTimeZone(query.time_zone_name);
  SEXTANT_CHECK(zone.ok()) << zone.status();
  query.time_zone = *zone;
}

void AddTime(RandomDraws& draws, const Table& table, BoundQuery& query) {
  const Names times = {"start", "end", "day"};
  const bool needs_time = query.HasTimeAxis();
  const std::string shared = draws.Pick(times);
  for (BoundAggregate& aggregate : query.aggregates) {
    if (!needs_time && draws.OneIn(2)) continue;
    aggregate.pin.kind = TimePin::Kind::kAt;
    aggregate.pin.start = ValueOf(table, draws.OneIn(3) ? draws.Pick(times) : shared);
  }
  const ColumnFacts& facts = table.facts(IndexOf(table, "start"));
  if (!facts.has_bounds) return;
  const int64_t span = facts.max_integer - facts.min_integer;
  const int64_t from = facts.min_integer + draws.Between(0, span / 2 + 1);
  if (draws.OneIn(3)) query.from_us = from;
  if (draws.OneIn(3)) query.to_us = from + 1 + draws.Between(0, span / 2 + 1);
}

void AddOrder(RandomDraws& draws, BoundQuery& query) {
  const uint64_t num_keys = draws.Below(3);
  for (uint64_t i = 0; i < num_keys; ++i) {
    BoundOrder order;
    order.descending = draws.OneIn(2);
    const auto metric = static_cast<uint32_t>(draws.Below(query.metrics.size()));
    if (!query.axes().empty() && draws.OneIn(2)) {
      order.index = static_cast<uint32_t>(draws.Below(query.axes().size()));
    } else if (query.aggregates[metric].IsCountLike()) {
      order.target = BoundOrder::Target::kMetric;
      order.index = metric;
    } else {
      order.target = BoundOrder::Target::kStart;
    }
    query.order_by.push_back(order);
  }
  if (draws.OneIn(4)) query.limit = draws.Below(20);
}

BoundAxis RandomBins(RandomDraws& draws, const Table& table) {
  BoundAxis axis;
  axis.kind = GroupAxis::Kind::kBins;
  axis.name = draws.Pick<std::string>({"small", "big", "real", "double", "price"});
  axis.column = IndexOf(table, axis.name);
  axis.type = table.schema().field(axis.column).type;
  int64_t edge = draws.Between(-10, 5);
  const uint64_t num_edges = 2 + draws.Below(4);
  for (uint64_t i = 0; i < num_edges; ++i) {
    if (IsFloat(axis.type.kind)) {
      axis.float_edges.push_back(static_cast<double>(edge) / 4);
    } else {
      axis.edges.push_back(edge);
    }
    edge += draws.OneIn(4) ? draws.Between(1, 1'000'000'007) : draws.Between(1, 5);
  }
  if (IsFloat(axis.type.kind)) axis.type = DataType::Of(TypeKind::kFloat64);
  return axis;
}

BoundAxis RandomSets(RandomDraws& draws, const Table& table) {
  BoundAxis axis;
  axis.kind = GroupAxis::Kind::kSets;
  axis.name = "sets";
  axis.type = DataType::Of(TypeKind::kText);
  const uint64_t num_members = 1 + draws.Below(4);
  for (uint64_t i = 0; i < num_members; ++i) {
    axis.members.push_back({"set" + std::to_string(9 - i), RandomPredicate(draws, table, 1)});
  }
  return axis;
}

BoundAxis RandomColumn(RandomDraws& draws, const Table& table) {
  BoundAxis axis;
  axis.name = draws.Pick<std::string>({"bool", "small", "medium", "big", "real", "double", "price",
                                       "wide", "word", "name", "state", "uuid", "day", "interval",
                                       "bytes", "words", "numbers", "words"});
  axis.column = IndexOf(table, axis.name);
  axis.type = table.schema().field(axis.column).type;
  if (axis.type.kind == TypeKind::kList) {
    axis.is_list = true;
    axis.type = axis.type.ElementType();
  }
  return axis;
}

}  // namespace

BoundPredicate RandomPredicate(RandomDraws& draws, const Table& table, int depth) {
  if (depth == 0 || draws.OneIn(3)) {
    BoundPredicate leaf = RandomLeaf(draws, table);
    leaf.negated = draws.OneIn(3);
    return leaf;
  }
  std::vector<BoundPredicate> children;
  const uint64_t num_children = 1 + draws.Below(3);
  for (uint64_t i = 0; i < num_children; ++i) {
    children.push_back(RandomPredicate(draws, table, depth - 1));
  }
  if (draws.OneIn(3)) return {AndNode{std::move(children)}};
  return {OrNode{std::move(children)}};
}

BoundQuery RandomQuery(RandomDraws& draws, const Table& table) {
  BoundQuery query;
  query.datasets.resize(1);
  BoundDataset& dataset = query.datasets[0];
  dataset.name = table.identity().dataset;
  dataset.schema = table.shared_schema();
  AddSeries(draws, query);
  const uint64_t num_metrics = 1 + draws.Below(4);
  for (uint32_t i = 0; i < num_metrics; ++i) {
    query.aggregates.push_back(RandomAggregate(draws, table));
    dataset.aggregates.push_back(i);
    BoundMetric metric;
    metric.name = "m" + std::to_string(i);
    metric.result_type = query.aggregates.back().result_type;
    metric.expression.type = metric.result_type;
    metric.expression.column = i;
    query.metrics.push_back(std::move(metric));
  }
  AddTime(draws, table, query);
  if (draws.OneIn(2)) dataset.filter = RandomPredicate(draws, table, 2);
  const uint64_t num_axes = draws.Below(4);
  for (uint64_t i = 0; i < num_axes; ++i) {
    switch (draws.Below(6)) {
      case 0:
        dataset.axes.push_back(RandomBins(draws, table));
        break;
      case 1:
        dataset.axes.push_back(RandomSets(draws, table));
        break;
      default:
        dataset.axes.push_back(RandomColumn(draws, table));
    }
  }
  if (num_axes > 0 && draws.OneIn(3)) {
    query.totals = draws.Pick<Totals>({Totals::kGrand, Totals::kRollup, Totals::kCube});
  }
  AddOrder(draws, query);
  return query;
}

}  // namespace sextant
