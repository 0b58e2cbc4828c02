"""How much longer the product takes for more rows of the same kind."""

import dataclasses

import engines

BASE_ROWS = 300_000
ROWS = 10_000_000
ALLOWED = 1.5  # times as long as the number of rows alone explains


def measure(run: engines.Run, specs: list[dict], num_rows: int) -> int:
    """Prints a line per query; 1 when a query fails, or takes longer than is allowed."""
    engines.build(run, ["peers_product"])
    few, many = ({line["query"]: line for line in engines.product(dataclasses.replace(run, num_rows=rows))}
                 for rows in (BASE_ROWS, num_rows))
    allowed = ALLOWED * num_rows / BASE_ROWS
    print(f"medians in ms of {BASE_ROWS:,} and {num_rows:,} rows, {run.threads} thread(s);"
          f" allowed: {allowed:.1f} times as long")
    fails = False
    for spec in specs:
        if spec["id"] not in few or spec["id"] not in many:
            print(f"{spec['id']}  no answer")
            fails = True
            continue
        before, after = (side[spec["id"]]["median_ms"] for side in (few, many))
        is_slow = after > allowed * before
        fails |= is_slow
        print(f"{spec['id']}  {before:8.3f}  {after:9.3f}  {after / before:6.1f}{'  TOO LONG' if is_slow else ''}")
    for rows, side in ((BASE_ROWS, few), (num_rows, many)):
        print(f"memory of {rows:,} rows: {side['memory']['bytes'] / 1e6:.1f} MB")
    return 1 if fails else 0
