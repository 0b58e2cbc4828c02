#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sextant {

/// DidYouMean for a name in an expression, where one with capitals needs double quotes: "; did you
/// mean "createdAt"? A name with capitals needs the double quotes". Cost and thread-safety as
/// there.
std::string DidYouMeanInText(std::string_view wanted, std::span<const std::string> names);

}  // namespace sextant
