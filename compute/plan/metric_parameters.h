#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compute/plan/query.h"

namespace sextant {

/// A constant of a catalogue's metric that a request may give: `$name` in its texts. It is always a
/// typed constant, whatever is given for it, and never text that is parsed as an expression.
struct MetricParameter {
  enum class Type { kInterval, kNumber, kText, kBool, kDate, kTimestamp };

  std::string name;
  Type type = Type::kNumber;
  std::optional<std::string> default_value;  // none: a request must give one
};

/// "interval", "number", "text", "bool", "date", "timestamp".
std::string ParameterTypeName(MetricParameter::Type type);
std::optional<MetricParameter::Type> ParameterTypeNamed(std::string_view name);
/// "threshold (interval, default 2d)".
std::string ParameterText(const MetricParameter& parameter);

/// Errors: INVALID_ARGUMENT when `value` is none of the type; it says what is allowed.
absl::Status CheckParameterValue(MetricParameter::Type type, const std::string& value);

/// `metric` with a constant in place of each `$name`: of `given`, else the parameter's default. In
/// a text it is a literal in parentheses; a threshold's value that is `$name` is the value itself.
/// Errors: INVALID_ARGUMENT with the parameters that there are, for a name that is none of them, a
/// value that is missing or of another type, and `$name` in a text that no parameter has.
absl::StatusOr<Metric> WithParameters(Metric metric, const std::vector<MetricParameter>& parameters,
                                      const std::map<std::string, std::string>& given);

/// `text` with the constants of `values` (those of WithParameters, or samples) in it.
/// Errors: INVALID_ARGUMENT as there.
absl::StatusOr<std::string> WithConstants(const std::string& text,
                                          const std::vector<MetricParameter>& parameters,
                                          const std::map<std::string, std::string>& values);

/// A value of each parameter: its default, else one of its type. To check texts before a request.
std::map<std::string, std::string> SampleValues(const std::vector<MetricParameter>& parameters);

}  // namespace sextant
