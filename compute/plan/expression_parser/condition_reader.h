#pragma once

#include "compute/plan/expression_parser/syntax_tree.h"

namespace sextant {

/// True for what gives TRUE, FALSE or NULL by its form: AND, OR, NOT, tests, and operators that are
/// not arithmetic, those that are refused included. TreeReader::ReadCondition reads them.
bool IsCondition(const SyntaxNode& node);

}  // namespace sextant
