# compute/exec/result_rows.cc
# dense fill puts the values of late intervals into the first
s/+ rows_.intervals\[row\]\] = sparse\[row\]/+ rows_.intervals[row] * (rows_.intervals[row] > 3 ? 0 : 1)] = sparse[row]/
