#pragma once

#include <string>

namespace sextant {

/// SQL that makes and fills a table `events` of `num_rows` rows as unpleasant as real ones: every
/// type that loads, and some that do not; NULLs in every column but the key; dropped columns in
/// between; three tenants ('acme', 'Zeta', 'beta': bytes order them otherwise than ICU does) mixed
/// in a shuffled heap; an enum whose order is not alphabetical; domains; lists, empty ones, lists
/// with NULLs; local times across changes of the clock in Berlin; a column called `Odd "Name`.
std::string HostileTablesSql(int num_rows);

}  // namespace sextant
