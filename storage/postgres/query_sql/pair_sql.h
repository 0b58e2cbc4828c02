#pragma once

#include <string>

namespace sextant {

/// `expression` over n.a and n.b, which are `left` and `right`: each is written, and computed,
/// once. PostgreSQL does not put them in their place: it would compute what is constant in a branch
/// of a CASE beforehand, and fail there.
std::string OfPairSql(const std::string& left, const std::string& right,
                      const std::string& expression);

}  // namespace sextant
