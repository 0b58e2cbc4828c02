#pragma once

#include <string>

#include "compute/column/data_type.h"

namespace sextant {

/// The SQL of a cast of text to a number, bool, date or uuid: NULL where the text is none, where
/// PostgreSQL's own cast would fail (rule 5). Of a date the ISO forms, as in the engine. Unlike
/// there, texts over 5,000 characters are no number with a point or an exponent, and hexadecimal
/// floats have at most 16 digits before the point, 8 after it, and an exponent below 100 (60 of a
/// real). `argument` is a text, `to` a type that text can be cast to.
std::string CastOfTextSql(const DataType& to, const std::string& argument);

}  // namespace sextant
