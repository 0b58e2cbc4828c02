# compute/column/tenant_scope.cc
# every tenant sees all rows
s/if (!table->schema().tenant_column()) {/if (table != nullptr) {/
