"""Answers as CSV, and when two cells are equal."""

import datetime
import math

# The product sums exactly and rounds once or twice, as PostgreSQL does (rule 3).
RELATIVE_BOUND = 4e-16


def parse_csv(text):
    """Rows of fields; None where the field is empty and not quoted: NULL in both PostgreSQL's CSV and ours."""
    rows, row, field, quoted, was_quoted, i = [], [], "", False, False, 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c == '"' and text[i + 1:i + 2] == '"':
                field, i = field + '"', i + 1
            elif c == '"':
                quoted = False
            else:
                field += c
        elif c == '"':
            quoted = was_quoted = True
        elif c in ",\n":
            row.append(field if field or was_quoted else None)
            field, was_quoted = "", False
            if c == "\n":
                rows.append(row)
                row = []
        else:
            field += c
        i += 1
    return rows


def as_instant(text):
    if len(text) < 19 or text[4] != "-" or ":" not in text:
        return None
    try:
        instant = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return None


def cells_equal(found, expected, bound=RELATIVE_BOUND):
    if found is None or expected is None:
        return found is expected
    if found == expected or {found, expected} in ({"true", "t"}, {"false", "f"}):
        return True
    left, right = as_instant(found), as_instant(expected)
    if left and right:
        return left == right and left.utcoffset() == right.utcoffset()
    left, right = as_number(found), as_number(expected)
    if left is None or right is None:
        return False
    if "." not in found + expected and "e" not in found + expected:
        return False  # integers are equal as texts, or not equal
    return math.isclose(left, right, rel_tol=bound, abs_tol=0)


def first_difference(found, expected, bound=RELATIVE_BOUND):
    """None, or a sentence about the first cell that differs."""
    if len(found) != len(expected):
        return f"{len(found)} rows, PostgreSQL has {len(expected)}"
    for number, (left, right) in enumerate(zip(found, expected)):
        if len(left) != len(right):
            return f"row {number}: {len(left)} columns, PostgreSQL has {len(right)}"
        for column, (a, b) in enumerate(zip(left, right)):
            if not cells_equal(a, b, bound):
                return f"row {number} column {column}: {a!r}, PostgreSQL has {b!r} (row: {right})"
    return None
