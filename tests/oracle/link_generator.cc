#include "tests/oracle/link_generator.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/linked_cases.h"
#include "tests/oracle/naive_links.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

using Target = std::shared_ptr<const TableCase>;

/// Numbers of keys: of the first `existing` there may be a row.
struct KeySpace {
  Kind kind = Kind::kInt8;
  int64_t existing = 0;
};

Datum KeyDatum(Kind kind, int64_t number) {
  return kind == Kind::kText ? Datum::OfText(absl::StrCat("key ", number))
                             : Datum::OfInteger(number);
}

/// NULL, a key that there is, or one that there is not.
Datum DrawReference(Draws& draws, const KeySpace& keys) {
  if (draws.OneIn(6)) return {};
  return KeyDatum(keys.kind, draws.Between(0, keys.existing + keys.existing / 4));
}

Kind DrawKeyKind(Draws& draws, Kind like) {
  return like == Kind::kText ? like : draws.Of({Kind::kInt2, Kind::kInt4, Kind::kInt8});
}

bool HasNow(const Expr& expr) {
  return (expr.op == Op::kLiteral && !expr.name.empty()) ||
         std::any_of(expr.args.begin(), expr.args.end(), HasNow);
}

class LinkGenerator {
 public:
  LinkGenerator(Draws& draws, TableCase& table, const TimeFocus& focus)
      : draws_(draws), table_(table), focus_(focus) {}

  void Generate() {
    for (const Row& row : table_.rows) ids_.push_back(row[0]);
    FindTenants();
    parents_.kind = draws_.OneIn(3) ? Kind::kText : Kind::kInt8;
    parents_.existing = draws_.OneIn(12) ? 0 : draws_.Between(1, 30);
    const Target top = draws_.OneIn(2) ? MakeTop() : nullptr;
    const Target parent = MakeParent(top);
    const uint64_t which = 1 + draws_.Below(7);
    if ((which & 1) != 0) AddParent(parent);
    if ((which & 2) != 0) AddChildren(parent);
    if ((which & 4) != 0) AddBridge(parent);
    AddLinkedColumns();
  }

 private:
  void FindTenants() {
    if (table_.tenant < 0) return;
    const auto column = static_cast<size_t>(table_.tenant);
    for (const Row& row : table_.rows) {
      const auto is_same = [&](const Datum& one) {
        return CanonicalText(table_.columns[column].type, one) ==
               CanonicalText(table_.columns[column].type, row[column]);
      };
      if (row[column].is_null || std::any_of(tenants_.begin(), tenants_.end(), is_same)) continue;
      tenants_.push_back(row[column]);
    }
  }

  TableCase NewTable(const std::string& prefix) const {
    TableCase made;
    made.seed = table_.seed;
    made.name = absl::StrCat(table_.name, "_", prefix);
    made.as_of_us = table_.as_of_us;
    made.columns = {{.name = prefix + "_row", .type = {.kind = Kind::kInt8}}};
    return made;
  }

  Row NewRow(const TableCase& made) const {
    return {Datum::OfInteger(static_cast<int64_t>(made.rows.size()) + 1)};
  }

  /// The tenant column, if it is to have one, of rows that have one already.
  void AddTenantColumn(TableCase& made, const std::string& prefix, bool has_tenant) {
    if (!has_tenant) return;
    Column column = table_.columns[static_cast<size_t>(table_.tenant)];
    column.name = prefix + "_tenant";
    made.tenant = static_cast<int>(made.columns.size());
    made.columns.push_back(std::move(column));
  }

  Datum DrawTenant() {
    return tenants_.empty() || draws_.OneIn(15) ? Datum() : draws_.Pick(tenants_);
  }

  /// A table of keys, each in most tenants once.
  TableCase MakeKeyed(const std::string& prefix, const KeySpace& keys, bool has_tenant) {
    TableCase made = NewTable(prefix);
    made.key = 1;
    made.columns.push_back({.name = prefix + "_id", .type = {.kind = keys.kind}});
    AddTenantColumn(made, prefix, has_tenant);
    for (int64_t key = 0; key < keys.existing; ++key) {
      const size_t most = has_tenant ? tenants_.size() : 1;
      for (size_t i = 0; i < most; ++i) {
        if (draws_.OneIn(6)) continue;
        Row row = NewRow(made);
        row.push_back(KeyDatum(keys.kind, key));
        if (has_tenant) row.push_back(tenants_[i]);
        made.rows.push_back(std::move(row));
      }
    }
    return made;
  }

  void AddValues(TableCase& made, const std::string& prefix) {
    static constexpr Kind kKinds[] = {
        Kind::kBool,        Kind::kInt2,    Kind::kInt4, Kind::kInt8, Kind::kFloat8,
        Kind::kText,        Kind::kEnum,    Kind::kText, Kind::kDate, Kind::kUuid,
        Kind::kTimestamptz, Kind::kNumeric, Kind::kList};
    for (const Kind kind : kKinds) {
      if (draws_.Percent(55)) continue;
      Column column = {.name = absl::StrCat(prefix, "_", KindName(kind), "_", made.columns.size()),
                       .type = {.kind = kind}};
      if (kind == Kind::kNumeric) column.type = {kind, 9, 2};
      if (kind == Kind::kList) column.type.element = draws_.OneIn(2) ? Kind::kText : Kind::kInt4;
      if (kind == Kind::kEnum) column.labels = EnumLabels();
      std::vector<Datum> values = DrawColumn(draws_, column, made.rows.size(), focus_);
      for (size_t row = 0; row < made.rows.size(); ++row) {
        made.rows[row].push_back(std::move(values[row]));
      }
      made.columns.push_back(std::move(column));
    }
    const uint64_t percent = draws_.Of<uint64_t>({0, 10, 40});
    for (const Row& row : made.rows) {
      if (draws_.Percent(percent)) made.deleted_ids.push_back(static_cast<int64_t>(row[0].integer));
    }
  }

  Target MakeTop() {
    tops_ = {.kind = Kind::kInt4, .existing = draws_.Between(1, 6)};
    TableCase made = MakeKeyed("q", tops_, HasTenants() && !draws_.OneIn(4));
    AddValues(made, "q");
    return std::make_shared<const TableCase>(std::move(made));
  }

  bool HasTenants() const { return table_.tenant >= 0; }

  Target MakeParent(const Target& top) {
    const bool must_have = top != nullptr && top->tenant >= 0;
    TableCase made = MakeKeyed("p", parents_, HasTenants() && (must_have || !draws_.OneIn(4)));
    if (top != nullptr) {
      const Column column = {.name = "p_top", .type = {.kind = DrawKeyKind(draws_, tops_.kind)}};
      AddColumn(made, column, [&] { return DrawReference(draws_, tops_); });
      made.links.push_back({.name = "top",
                            .target = top,
                            .own = static_cast<int>(made.columns.size()) - 1,
                            .other = top->key,
                            .own_tenant = made.tenant});
    }
    AddValues(made, "p");
    return std::make_shared<const TableCase>(std::move(made));
  }

  template <typename DrawValue>
  static void AddColumn(TableCase& made, const Column& column, DrawValue draw) {
    for (Row& row : made.rows) row.push_back(draw());
    made.columns.push_back(column);
  }

  /// One of the ids of the table, mostly.
  Datum DrawId() {
    if (ids_.empty() || draws_.OneIn(6)) {
      return draws_.OneIn(2) ? Datum() : Datum::OfInteger(draws_.Between(0, 900) * 2);
    }
    // Some have many.
    return draws_.OneIn(3) ? ids_[draws_.Index(std::min<size_t>(ids_.size(), 4))]
                           : draws_.Pick(ids_);
  }

  /// The rows of children or of a bridge: each of a row of the table, or of none.
  TableCase MakeMany(const std::string& prefix, bool has_tenant) {
    TableCase made = NewTable(prefix);
    made.columns.push_back({.name = prefix + "_of", .type = {.kind = Kind::kInt8}});
    AddTenantColumn(made, prefix, has_tenant);
    for (uint64_t i = draws_.OneIn(10) ? 0 : draws_.Below(90); i > 0; --i) {
      Row row = NewRow(made);
      row.push_back(DrawId());
      if (has_tenant) row.push_back(DrawTenant());
      made.rows.push_back(std::move(row));
    }
    return made;
  }

  void AddParent(const Target& parent) {
    const Column column = {.name = "parent_id",
                           .type = {.kind = DrawKeyKind(draws_, parents_.kind)}};
    AddColumn(table_, column, [&] { return DrawReference(draws_, parents_); });
    table_.links.push_back({.name = "parent",
                            .target = parent,
                            .own = static_cast<int>(table_.columns.size()) - 1,
                            .other = parent->key,
                            .own_tenant = table_.tenant});
    has_attributes_ = true;
  }

  void AddChildren(const Target& parent) {
    const bool must_have = parent->tenant >= 0;
    TableCase made = MakeMany("c", HasTenants() && (must_have || !draws_.OneIn(4)));
    if (draws_.OneIn(2)) {
      const Column column = {.name = "c_parent",
                             .type = {.kind = DrawKeyKind(draws_, parents_.kind)}};
      AddColumn(made, column, [&] { return DrawReference(draws_, parents_); });
      made.links.push_back({.name = "its",
                            .target = parent,
                            .own = static_cast<int>(made.columns.size()) - 1,
                            .other = parent->key,
                            .own_tenant = made.tenant});
    }
    AddValues(made, "c");
    table_.links.push_back({.name = "children",
                            .target = std::make_shared<const TableCase>(std::move(made)),
                            .own = 0,
                            .other = 1,
                            .own_tenant = table_.tenant});
  }

  void AddBridge(const Target& parent) {
    TableCase made = MakeMany("b", HasTenants() && (parent->tenant >= 0 || !draws_.OneIn(4)));
    const Column column = {.name = "b_other", .type = {.kind = DrawKeyKind(draws_, parents_.kind)}};
    AddColumn(made, column, [&] { return DrawReference(draws_, parents_); });
    const int bridge_other = static_cast<int>(made.columns.size()) - 1;
    AddValues(made, "b");
    table_.links.push_back({.name = "partners",
                            .target = parent,
                            .own = 0,
                            .other = parent->key,
                            .own_tenant = table_.tenant,
                            .bridge = std::make_shared<const TableCase>(std::move(made)),
                            .bridge_own = 1,
                            .bridge_other = bridge_other});
  }

  /// Columns that come through links, after all that are stored.
  void AddLinkedColumns() {
    for (size_t i = 0; i < table_.links.size(); ++i) {
      const LinkCase& link = table_.links[i];
      if (has_attributes_ && i == 0) {
        for (size_t of = 1; of < link.target->columns.size(); ++of) {
          const Column& column = link.target->columns[of];
          if (column.type.kind == Kind::kList || draws_.OneIn(4)) continue;
          Add(absl::StrCat(link.name, ".", column.name), {.link = i, .of = static_cast<int>(of)});
        }
      } else {
        AddChildColumns(i);
      }
    }
  }

  void AddChildColumns(size_t index) {
    const LinkCase& link = table_.links[index];
    for (uint64_t number = draws_.Below(4); number > 0; --number) {
      LinkedColumn made = {.link = index, .kind = LinkedColumn::Kind::kCountRows};
      const auto of = static_cast<int>(1 + draws_.Index(link.target->columns.size() - 1));
      const Kind kind = link.target->columns[static_cast<size_t>(of)].type.kind;
      const bool has_order = IsNumber(kind) || kind == Kind::kDate || kind == Kind::kTimestamptz ||
                             kind == Kind::kEnum;
      if (!draws_.OneIn(4)) {
        made.of = of;
        made.kind = !has_order || draws_.OneIn(4)
                        ? LinkedColumn::Kind::kCount
                        : (draws_.OneIn(2) ? LinkedColumn::Kind::kMin : LinkedColumn::Kind::kMax);
      }
      if (draws_.OneIn(2)) AddFilter(link, made);
      Add(absl::StrCat(link.name, "_", table_.columns.size()), std::move(made));
    }
  }

  void AddFilter(const LinkCase& link, LinkedColumn& made) {
    // Of the linked rows alone, without a zone of a request.
    static const auto& utc = *new std::string("UTC");
    TableCase target = *link.target;
    target.links.clear();
    Expr filter = ExpressionGenerator(draws_, target, focus_, utc).DrawCondition(1);
    if (!HasNow(filter)) made.filter.push_back(std::move(filter));
  }

  void Add(const std::string& name, LinkedColumn made) {
    const TableCase& target = *table_.links[made.link].target;
    const bool is_count =
        made.kind == LinkedColumn::Kind::kCountRows || made.kind == LinkedColumn::Kind::kCount;
    Column column = {.type = {.kind = Kind::kInt8}};
    if (!is_count) column = target.columns[static_cast<size_t>(made.of)];
    column.name = name;
    column.is_linked = true;
    made.column = static_cast<int>(table_.columns.size());
    for (Row& row : table_.rows) row.push_back(NaiveLinkedValue(table_, row, made));
    table_.columns.push_back(std::move(column));
    table_.linked_columns.push_back(std::move(made));
  }

  Draws& draws_;
  TableCase& table_;
  const TimeFocus& focus_;
  std::vector<Datum> ids_;
  std::vector<Datum> tenants_;
  KeySpace parents_;
  KeySpace tops_;
  bool has_attributes_ = false;
};

}  // namespace

void AddLinks(Draws& draws, TableCase& table, const TimeFocus& focus) {
  LinkGenerator(draws, table, focus).Generate();
}

Expr ExpressionGenerator::DrawLinkCondition() {
  const size_t index = draws_.Index(table_.links.size());
  const std::string name = draws_.Of<const char*>({"exists_in", "any_in", "none_in"});
  Expr exists = Condition(Op::kExists, {}, name);
  exists.column = static_cast<int>(index);
  if (draws_.OneIn(5)) return exists;
  const TableCase& target = *table_.links[index].target;
  ExpressionGenerator linked(draws_, target, focus_, zone_);
  const bool is_nested = !target.links.empty() && draws_.OneIn(3);
  exists.args.push_back(is_nested ? linked.DrawLinkCondition() : linked.DrawCondition(1));
  return exists;
}

}  // namespace sextant::oracle
