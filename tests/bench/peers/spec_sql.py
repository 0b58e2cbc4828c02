"""A spec as SELECT, whatever the dialect."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How one peer writes the parts."""

    condition: Callable[[str, dict], str]  # of a data set
    key: Callable[[dict], str]
    seconds_between: Callable[[str, str], str]  # two instants, the later one first
    measures: dict[str, Callable[[str, dict], str]]  # by function: of an argument and the measure


def _argument(dialect: Dialect, value) -> str:
    if isinstance(value, dict):
        return dialect.seconds_between(*value["diff"])
    if isinstance(value, list):
        return f"({_argument(dialect, value[1])} {value[0]} {_argument(dialect, value[2])})"
    return value


_MEASURES = {
    "count": lambda x, m: "count(*)",
    "mean": lambda x, m: f"avg({x})",
    "range": lambda x, m: f"max({m['max']}) - min({m['min']})",
    "corr2": lambda x, m: f"pow(corr({x}, {m.get('y')}), 2)",
}


def _measure(dialect: Dialect, dataset: str, spec: dict) -> str:
    x, function = _argument(dialect, spec.get("x", "")), spec["fn"]
    if function == "ratio":
        return f"avg(CASE WHEN {dialect.condition(dataset, spec['where'][0])} THEN 1.0 ELSE 0.0 END)"
    write = dialect.measures.get(function) or _MEASURES.get(function)
    return write(x, spec) if write else f"{function}({x})"


def query(dialect: Dialect, spec: dict) -> str:
    """One spec as SELECT."""
    dataset = spec["dataset"]
    columns = [dialect.key(key) for key in spec["keys"]]
    groups = [str(position) for position in range(1, len(columns) + 1)]
    columns += [f"{_measure(dialect, dataset, measure)} AS {measure['as']}" for measure in spec["measures"]]
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
