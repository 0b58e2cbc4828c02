# compute/kernels/float_order.h
# -0 and 0 are two values
s/value == 0 ? 0.0 : value/value/
