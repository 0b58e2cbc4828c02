#pragma once

#include <string>
#include <vector>

#include "tests/oracle/case.h"
#include "tests/oracle/product_answer.h"

namespace sextant::oracle {

/// The tenants of a table, as requests name them. Rows without one are nobody's.
std::vector<std::string> TenantsOf(const TableCase& table);
/// The table as if it had no tenants.
TableCase WithoutTenants(const TableCase& table);

/// Empty when the product answers each tenant as the naive engine answers of a table that has only
/// that tenant's rows, and no tenants. REQUIRES: the table has a tenant column.
std::string TenantDifference(Product& product, const Versions& versions, const TableCase& table,
                             const RequestCase& request);
/// Empty when the rows that the filter of the request leaves each tenant, and their sums, add up to
/// those of `untenanted`, loaded of WithoutTenants, without the rows that are nobody's.
std::string TenantSumDifference(Product& product, const Versions& versions,
                                const Versions& untenanted, const TableCase& table,
                                const RequestCase& request);

}  // namespace sextant::oracle
