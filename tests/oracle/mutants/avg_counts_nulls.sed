# compute/kernels/cell_sums.h
# a mean is divided by the rows, those of NULL too
s/cell.count += valid;/++cell.count;/
