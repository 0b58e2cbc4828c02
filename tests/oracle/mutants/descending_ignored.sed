# compute/exec/result_builder.cc
# DESC is ASC
s/order.descending ? -compared : compared/compared/
