"""A spec as SELECT, whatever the dialect."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How one peer writes the parts."""

    condition: Callable[[str, dict], str]  # of a data set
    key: Callable[[dict], str]
    measure: Callable[[str, dict], str]  # of a data set


def query(dialect: Dialect, spec: dict) -> str:
    """One spec as SELECT."""
    dataset = spec["dataset"]
    columns = [dialect.key(key) for key in spec["keys"]]
    groups = [str(position) for position in range(1, len(columns) + 1)]
    columns += [f"{dialect.measure(dataset, measure)} AS {measure['as']}" for measure in spec["measures"]]
    text = f"SELECT {', '.join(columns)} FROM {dataset}"
    if spec["filters"]:
        text += " WHERE " + " AND ".join(dialect.condition(dataset, item) for item in spec["filters"])
    return text + (f" GROUP BY {', '.join(groups)}" if groups else "")


def summary(dialect: Dialect, spec: dict) -> str:
    """What is compared: the result itself, or, of a big one, its rows and sums."""
    if not spec.get("big"):
        return query(dialect, spec)
    sums = ", ".join(f"sum({measure['as']}) AS {measure['as']}" for measure in spec["measures"])
    return f"SELECT count(*) AS rows, {sums} FROM ({query(dialect, spec)}) answer"
