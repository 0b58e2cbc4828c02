#include <algorithm>
#include <cstdlib>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/oracle/answer.h"
#include "tests/oracle/sql_text.h"

namespace sextant::oracle {
namespace {

/// Compares canonical texts (datum.h) of values of a type as the values compare.
int CompareTexts(const Type& type, const std::string& a, const std::string& b) {
  Datum left;
  Datum right;
  const auto read = [&](const std::string& text, Datum& datum) {
    switch (type.kind) {
      case Kind::kFloat4:
      case Kind::kFloat8:
        datum.number = std::strtod(text.c_str(), nullptr);
        break;
      case Kind::kBool:
        datum.integer = text == "true" ? 1 : 0;
        break;
      case Kind::kEnum: {
        const std::vector<std::string> labels = EnumLabels();
        datum.integer = std::find(labels.begin(), labels.end(), text) - labels.begin();
        break;
      }
      case Kind::kNumeric: {
        std::string digits = text;
        std::erase(digits, '.');
        datum.integer = ParseInt128(digits).value_or(0);
        break;
      }
      case Kind::kInterval:
        break;
      default:
        datum.integer = ParseInt128(text).value_or(0);
        datum.text = text;
        break;
    }
  };
  read(a, left);
  read(b, right);
  if (type.kind == Kind::kInterval) {
    left.integer = ParseInt128(a).value_or(0);
    right.integer = ParseInt128(b).value_or(0);
    return CompareDatums(Kind::kInt8, left, right);
  }
  return CompareDatums(type.kind, left, right);
}

/// NULL is last, whatever the direction.
int CompareOptional(const Type& type, const std::optional<std::string>& a,
                    const std::optional<std::string>& b, bool descending) {
  if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
  const int order = CompareTexts(type, *a, *b);
  return descending ? -order : order;
}

int CompareInstants(int64_t a, int64_t b, bool descending) {
  const int order = a < b ? -1 : (b < a ? 1 : 0);
  return descending ? -order : order;
}

std::optional<std::string> TextOf(const AnswerValue& value) {
  if (!value.exists) return std::nullopt;
  return value.text;
}

class RowOrder {
 public:
  RowOrder(const TableCase& table, const RequestCase& request) : request_(request) {
    for (const AxisSpec& axis : request.axes) axis_types_.push_back(AxisType(table, axis));
  }

  int Compare(const AnswerRow& a, const AnswerRow& b) const {
    const auto place = [](int grouping) { return grouping < 0 ? 0.5 : grouping; };
    if (a.grouping != b.grouping) return place(a.grouping) < place(b.grouping) ? -1 : 1;
    for (const OrderSpec& order : request_.order_by) {
      const int compared = a.grouping == 0 ? CompareBy(order, a, b) : 0;
      if (compared != 0) return compared;
    }
    const int compared = CompareAxes(a, b);
    if (compared != 0) return compared;
    if (a.series != b.series) return a.series < b.series ? -1 : 1;
    return CompareInstants(a.start_us, b.start_us, false);
  }

  int CompareAxes(const AnswerRow& a, const AnswerRow& b) const {
    for (size_t i = 0; i < axis_types_.size(); ++i) {
      const int compared = CompareAxis(i, a, b, false);
      if (compared != 0) return compared;
    }
    return 0;
  }

 private:
  int CompareAxis(size_t axis, const AnswerRow& a, const AnswerRow& b, bool descending) const {
    const AxisSpec& spec = request_.axes[axis];
    if (spec.by != AxisSpec::By::kSets) {
      return CompareOptional(axis_types_[axis], a.axes[axis], b.axes[axis], descending);
    }
    // Sets are in declared order.
    const auto at = [&](const std::optional<std::string>& name) {
      return std::find_if(spec.members.begin(), spec.members.end(),
                          [&](const auto& member) { return name == member.first; }) -
             spec.members.begin();
    };
    if (!a.axes[axis] || !b.axes[axis])
      return CompareOptional({}, a.axes[axis], b.axes[axis], false);
    const auto order = static_cast<int>(at(a.axes[axis]) - at(b.axes[axis]));
    return descending ? -order : order;
  }

  int CompareBy(const OrderSpec& order, const AnswerRow& a, const AnswerRow& b) const {
    switch (order.target) {
      case OrderSpec::Target::kStart:
        return CompareInstants(a.start_us, b.start_us, order.descending);
      case OrderSpec::Target::kAxis:
        return CompareAxis(order.index, a, b, order.descending);
      case OrderSpec::Target::kMetric:
        return CompareOptional(ResultType(request_.metrics[order.index]),
                               TextOf(a.values[order.index]), TextOf(b.values[order.index]),
                               order.descending);
    }
    return 0;
  }

  const RequestCase& request_;
  std::vector<Type> axis_types_;
};

}  // namespace

int CompareTuples(const TableCase& table, const RequestCase& request,
                  const std::vector<std::optional<std::string>>& a,
                  const std::vector<std::optional<std::string>>& b) {
  return RowOrder(table, request).CompareAxes({.axes = a}, {.axes = b});
}

int CompareValues(const Type& type, const AnswerValue& a, const AnswerValue& b) {
  return a.is_float ? CompareFloats(a.number, b.number) : CompareTexts(type, a.text, b.text);
}

std::string OrderDifference(const TableCase& table, const RequestCase& request,
                            const Answer& actual) {
  const RowOrder order(table, request);
  for (size_t i = 1; i < actual.rows.size(); ++i) {
    if (order.Compare(actual.rows[i - 1], actual.rows[i]) > 0) {
      return absl::StrCat("cell ", i, " comes too late");
    }
  }
  return "";
}

}  // namespace sextant::oracle
