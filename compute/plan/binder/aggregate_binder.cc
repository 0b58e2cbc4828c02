#include "compute/plan/binder/aggregate_binder.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compute/memory/status_macros.h"
#include "compute/plan/binder/value_binder.h"
#include "compute/plan/error_detail.h"

namespace sextant {
namespace {

constexpr int kSumDigits = 38;
constexpr int64_t kMaxTopValues = 1000;
constexpr char kSeconds[] = "seconds";
constexpr DataType kFloat64 = DataType::Of(TypeKind::kFloat64);
constexpr DataType kInt64 = DataType::Of(TypeKind::kInt64);

/// What the aggregate has a meaning for, as in PostgreSQL.
enum class Domain {
  kAnything,
  kGroupable,  // and orderable
  kExtreme,    // what min and max take
  kNumbers,
  kSpans,  // numbers and differences of timestamps
  kBool,
};

struct AggregateEntry {
  AggregateKind kind;
  std::string_view name;
  Domain domain;
};
constexpr AggregateEntry kAggregates[] = {
    {AggregateKind::kCountRows, "count", Domain::kAnything},
    {AggregateKind::kCount, "count", Domain::kAnything},
    {AggregateKind::kCountDistinct, "count(DISTINCT)", Domain::kGroupable},
    {AggregateKind::kSum, "sum", Domain::kSpans},
    {AggregateKind::kAvg, "avg", Domain::kSpans},
    {AggregateKind::kMin, "min", Domain::kExtreme},
    {AggregateKind::kMax, "max", Domain::kExtreme},
    {AggregateKind::kStddevSamp, "stddev", Domain::kNumbers},
    {AggregateKind::kStddevPop, "stddev_pop", Domain::kNumbers},
    {AggregateKind::kVarSamp, "variance", Domain::kNumbers},
    {AggregateKind::kVarPop, "var_pop", Domain::kNumbers},
    {AggregateKind::kPercentileCont, "percentile_cont", Domain::kSpans},
    {AggregateKind::kPercentileDisc, "percentile_disc", Domain::kGroupable},
    {AggregateKind::kNearestRank, "a cut of clip", Domain::kSpans},
    {AggregateKind::kRankBound, "a bound of a percentile", Domain::kGroupable},
    {AggregateKind::kResampledMean, "a bound of avg", Domain::kSpans},
    {AggregateKind::kHistogramCounts, "a histogram", Domain::kSpans},
    {AggregateKind::kHistogramEdges, "edges of a histogram", Domain::kSpans},
    {AggregateKind::kMode, "mode", Domain::kGroupable},
    {AggregateKind::kBoolOr, "bool_or", Domain::kBool},
    {AggregateKind::kBoolAnd, "bool_and", Domain::kBool},
    {AggregateKind::kConcurrencyMax, "concurrency", Domain::kAnything},
    {AggregateKind::kConcurrencyMean, "concurrency", Domain::kAnything},
    {AggregateKind::kCorr, "corr", Domain::kNumbers},
    {AggregateKind::kRegrSlope, "regr_slope", Domain::kNumbers},
    {AggregateKind::kRegrR2, "regr_r2", Domain::kNumbers},
    {AggregateKind::kTopValues, "array_agg", Domain::kAnything},
};

const AggregateEntry& EntryOf(AggregateKind kind) { return kAggregates[static_cast<size_t>(kind)]; }

bool Contains(Domain domain, TypeKind type) {
  switch (domain) {
    case Domain::kAnything:
      return true;
    case Domain::kGroupable:
      return IsGroupable(type);
    case Domain::kExtreme:
      return IsNumber(type) || type == TypeKind::kDate || type == TypeKind::kTimestamp ||
             type == TypeKind::kDuration || type == TypeKind::kInterval ||
             type == TypeKind::kText || type == TypeKind::kEnum;
    case Domain::kNumbers:
      return IsNumber(type);
    case Domain::kSpans:
      return IsNumber(type) || type == TypeKind::kDuration;
    case Domain::kBool:
      return type == TypeKind::kBool;
  }
  return false;
}

std::string_view AllowedTypes(Domain domain) {
  switch (domain) {
    case Domain::kAnything:
      return "everything";
    case Domain::kGroupable:
      return "everything but json and lists";
    case Domain::kExtreme:
      return "numbers, text, enum, dates, timestamps, intervals and their differences";
    case Domain::kNumbers:
      return "numbers; of a duration extract(epoch from x)";
    case Domain::kSpans:
      return "numbers and differences of timestamps";
    case Domain::kBool:
      return "booleans";
  }
  return "";
}

bool HasTwoValues(AggregateKind kind) {
  return kind == AggregateKind::kCorr || kind == AggregateKind::kRegrSlope ||
         kind == AggregateKind::kRegrR2;
}

/// Whether the result is in the unit of the values.
bool KeepsUnit(AggregateKind kind) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
    case AggregateKind::kCountDistinct:
    case AggregateKind::kVarSamp:
    case AggregateKind::kVarPop:
    case AggregateKind::kCorr:
    case AggregateKind::kRegrSlope:
    case AggregateKind::kRegrR2:
      return false;
    default:
      return true;
  }
}

DataType ResultType(AggregateKind kind, const DataType& type) {
  switch (kind) {
    case AggregateKind::kCountRows:
    case AggregateKind::kCount:
    case AggregateKind::kCountDistinct:
      return kInt64;
    case AggregateKind::kSum:
      if (IsInteger(type.kind)) return kInt64;
      if (type.kind == TypeKind::kDecimal) return DataType::Decimal(kSumDigits, type.scale);
      return kFloat64;
    case AggregateKind::kMin:
    case AggregateKind::kMax:
    case AggregateKind::kPercentileDisc:
    case AggregateKind::kMode:
    case AggregateKind::kTopValues:
      return type.kind == TypeKind::kDuration ? kFloat64 : type;
    case AggregateKind::kBoolOr:
    case AggregateKind::kBoolAnd:
      return type;
    case AggregateKind::kHistogramCounts:
      return DataType::ListOf(TypeKind::kInt64);
    case AggregateKind::kHistogramEdges:
      return DataType::ListOf(TypeKind::kFloat64);
    default:
      return kFloat64;
  }
}

/// What an aggregate reads, and what its result may take from that.
struct Argument {
  BoundValue value;
  std::string_view unit;
  std::span<const std::string> enum_labels;
  bool is_mixed_scale = false;
  bool is_blank_padded = false;
};

class AggregateBinder {
 public:
  AggregateBinder(const PredicateContext& context, const AggregateCall& call,
                  const std::string& field, BoundAggregate& aggregate, TypedExpression& value)
      : context_(context),
        call_(call),
        entry_(EntryOf(call.kind)),
        field_(field),
        aggregate_(aggregate),
        value_(value) {}

  absl::Status Bind() {
    aggregate_.kind = call_.kind;
    value_.position = call_.position;
    SEXTANT_RETURN_IF_ERROR(CheckShape());
    if (HasValue(call_.kind)) {
      SEXTANT_RETURN_IF_ERROR(BindValues());
    } else {
      SetResult(call_.kind == AggregateKind::kConcurrencyMean ? kFloat64 : kInt64);
    }
    if (!call_.filter.empty()) {
      SEXTANT_ASSIGN_OR_RETURN(aggregate_.filter, BindPredicate(context_, call_.filter[0]));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status CheckShape() const {
    const size_t num_values = !HasValue(call_.kind) ? 0 : HasTwoValues(call_.kind) ? 2 : 1;
    const size_t num_orders = call_.kind == AggregateKind::kTopValues ? 1 : 0;
    const bool is_whole = call_.arguments.size() == num_values &&
                          call_.order_by.size() == num_orders && call_.filter.size() <= 1 &&
                          call_.fraction >= 0 && call_.fraction <= 1 && call_.first >= 1 &&
                          call_.first <= call_.last && call_.last <= kMaxTopValues;
    if (is_whole) return absl::OkStatus();
    return FieldError(field_,
                      absl::StrCat("the aggregate ", std::string(entry_.name),
                                   " without its parts, or a fraction or subscript out of range"),
                      call_.position);
  }

  void SetResult(const DataType& type) {
    aggregate_.result_type = type;
    value_.expression.type = type;
    value_.integer_digits = IntegerDigitsOf(type);
  }

  /// The argument where it is a column, of which the schema says all; else std::nullopt.
  std::optional<Argument> BindColumn(const Expression& expression, Domain domain) const {
    if (expression.kind != Expression::Kind::kColumn || context_.names != nullptr) {
      return std::nullopt;
    }
    const std::optional<ColumnIndex> column = context_.schema.Find(expression.name);
    if (!column) return std::nullopt;
    const Field& field = context_.schema.field(*column);
    if (!Contains(domain, field.type.kind)) return std::nullopt;
    Argument argument;
    argument.value.column = *column;
    argument.value.type = field.type;
    argument.unit = field.unit;
    if (field.type.kind == TypeKind::kEnum) argument.enum_labels = field.enum_labels;
    argument.is_blank_padded = field.is_blank_padded;
    return argument;
  }

  absl::StatusOr<Argument> BindValue(const Expression& expression, Domain domain) const {
    if (std::optional<Argument> column = BindColumn(expression, domain)) return *std::move(column);
    SEXTANT_ASSIGN_OR_RETURN(ResolvedValue value, ResolveValue(context_, expression, field_));
    if (Contains(domain, value.value.type.kind)) {
      return Argument{.value = std::move(value.value),
                      .unit = value.typed.unit,
                      .enum_labels = value.typed.enum_labels,
                      .is_mixed_scale = value.typed.is_mixed_scale,
                      .is_blank_padded = value.typed.is_blank_padded};
    }
    return FieldError(
        field_,
        absl::StrCat(std::string(entry_.name), " of ", value.typed.text, ", which is ",
                     TypeName(value.value.type), "; allowed: ", std::string(AllowedTypes(domain))),
        expression.position);
  }

  absl::Status BindValues() {
    SEXTANT_ASSIGN_OR_RETURN(Argument value, BindValue(call_.arguments[0], entry_.domain));
    SetResult(ResultType(call_.kind, value.value.type));
    if (KeepsUnit(call_.kind)) {
      const bool is_duration = value.value.type.kind == TypeKind::kDuration;
      value_.unit = is_duration ? std::string_view(kSeconds) : value.unit;
      value_.is_shown_duration = is_duration;
      value_.is_mixed_scale = value.is_mixed_scale;
    }
    if (value_.Is(TypeKind::kEnum)) value_.enum_labels = value.enum_labels;
    if (value_.Is(TypeKind::kText)) value_.is_blank_padded = value.is_blank_padded;
    aggregate_.value = std::move(value.value);
    const bool has_fraction = call_.kind == AggregateKind::kPercentileCont ||
                              call_.kind == AggregateKind::kPercentileDisc;
    if (has_fraction) aggregate_.fraction = call_.fraction;
    if (HasTwoValues(call_.kind)) {
      SEXTANT_ASSIGN_OR_RETURN(Argument second, BindValue(call_.arguments[1], entry_.domain));
      aggregate_.second = std::move(second.value);
    }
    return call_.kind == AggregateKind::kTopValues ? BindTop() : absl::OkStatus();
  }

  absl::Status BindTop() {
    SEXTANT_ASSIGN_OR_RETURN(Argument order, BindValue(call_.order_by[0], Domain::kGroupable));
    aggregate_.second = std::move(order.value);
    aggregate_.descending = call_.descending;
    aggregate_.first = call_.first;
    aggregate_.last = call_.last;
    aggregate_.is_list = call_.is_list;
    if (context_.schema.key_columns().empty()) return RefuseWithoutKey();
    const TypeKind kind = aggregate_.value.type.kind;
    if (kind == TypeKind::kList) {
      return FieldError(field_, "array_agg of a list; allowed: of every other type",
                        call_.position);
    }
    if (!call_.is_list) return absl::OkStatus();
    if (kind == TypeKind::kDecimal) {
      return FieldError(field_,
                        "a list of numeric, whose scale a list does not keep; allowed: a cast "
                        "to float8, or one of the values: [n]",
                        call_.position);
    }
    SetResult(DataType::ListOf(aggregate_.result_type.kind));
    return absl::OkStatus();
  }

  absl::Status RefuseWithoutKey() const {
    ErrorDetail detail;
    detail.field = field_;
    detail.position = call_.position;
    detail.reason = "DATASET_WITHOUT_KEY";
    return WithDetail(
        absl::FailedPreconditionError(absl::StrCat(
            field_,
            ": (array_agg(x ORDER BY y))[..] breaks ties by the key of the dataset, which "
            "has none; add `key: [column, ..]` to the dataset in the catalogue")),
        detail);
  }

  const PredicateContext& context_;
  const AggregateCall& call_;
  const AggregateEntry& entry_;
  const std::string& field_;
  BoundAggregate& aggregate_;
  TypedExpression& value_;
};

}  // namespace

absl::Status BindAggregate(const PredicateContext& context, const AggregateCall& call,
                           const std::string& field, BoundAggregate& aggregate,
                           TypedExpression& value) {
  return AggregateBinder(context, call, field, aggregate, value).Bind();
}

std::string_view AggregateName(AggregateKind kind) { return EntryOf(kind).name; }

}  // namespace sextant
