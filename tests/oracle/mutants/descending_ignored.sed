# compute/exec/row_order.cc
# DESC is ASC
s/return key.descending ? ~number : number;/return number;/
