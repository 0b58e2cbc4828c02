# compute/column/tenant_scope.cc
# the last chunk of several is not read
s/chunk < table->num_chunks(); ++chunk/chunk < std::max(1u, table->num_chunks() - 1); ++chunk/;s/#include <utility>/#include <algorithm>\n#include <utility>/
