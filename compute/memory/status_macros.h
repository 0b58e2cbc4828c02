#pragma once

/// Early returns for functions that return absl::Status or absl::StatusOr.
///
///   SEXTANT_RETURN_IF_ERROR(values_.Append(value));
///   SEXTANT_ASSIGN_OR_RETURN(Buffer buffer, Buffer::Allocate(budget, size_bytes));

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define SEXTANT_MACRO_CONCAT_INNER(a, b) a##b
#define SEXTANT_MACRO_CONCAT(a, b) SEXTANT_MACRO_CONCAT_INNER(a, b)

#define SEXTANT_RETURN_IF_ERROR(expression) \
  SEXTANT_RETURN_IF_ERROR_AS(SEXTANT_MACRO_CONCAT(status_or_error_, __LINE__), expression)
#define SEXTANT_RETURN_IF_ERROR_AS(name, expression) \
  do {                                               \
    absl::Status name = (expression);                \
    if (!name.ok()) [[unlikely]] {                   \
      return name;                                   \
    }                                                \
  } while (false)

/// `target` may declare a variable; it must not contain a comma outside brackets.
#define SEXTANT_ASSIGN_OR_RETURN(target, expression) \
  SEXTANT_ASSIGN_OR_RETURN_AS(SEXTANT_MACRO_CONCAT(result_or_error_, __LINE__), target, expression)
#define SEXTANT_ASSIGN_OR_RETURN_AS(name, target, expression) \
  auto name = (expression);                                   \
  if (!name.ok()) [[unlikely]] {                              \
    return name.status();                                     \
  }                                                           \
  target = *std::move(name)
