"""The specs as DuckDB reads them: texts of few values are ENUM columns, lists are typed."""

import pull_requests
import spec_sql

MANY_VALUES = 5  # a longer IN list is an array, which DuckDB looks up by hash

_ENUMS = {
    "pr": ("repository author merger releaser base_branch environment language jira_project"
           " jira_priority jira_type").split(),
    "h2o": ["id1", "id2"],  # id3 has 100,000 values, and stays VARCHAR as db-benchmark has it
    "t": [], "f": [],
}


def _list_of(column: str) -> str:
    return (f"CASE WHEN {column} = '{{}}' THEN [] ELSE string_split(trim({column}, '{{}}'), ',') END"
            f" AS {column}")


def _cast(names: list[str], to: str) -> list[str]:
    return [f"{name}::{to} AS {name}" for name in names]


_REPLACED = {
    "pr": [*map(_list_of, pull_requests.LISTS),
           *(cast for name, columns in pull_requests.TYPES.items() for cast in _cast(columns, name))],
    "h2o": [*_cast("id4 id5 id6 v1 v2".split(), "INT"), *_cast(["v3"], "DOUBLE")],
    "t": [*_cast(["a", "size"], "INT"), *_cast(["v"], "DOUBLE")],
    "f": [*_cast(["a"], "INT"), *_cast(["b"], "BIGINT"), *_cast(["v"], "DOUBLE")],
}


def conversion(dataset: str, csv_path: str, parquet_path: str) -> list[str]:
    """CSV to typed columns, once for every peer."""
    columns = f"* REPLACE ({', '.join(_REPLACED[dataset])})"
    return ["SET TimeZone = 'UTC'",
            f"COPY (SELECT {columns} FROM read_csv('{csv_path}', header = true, all_varchar = true))"
            f" TO '{parquet_path}' (FORMAT PARQUET, COMPRESSION ZSTD)"]


def setup(dataset: str, parquet_path: str, num_threads: int) -> list[str]:
    """What makes the table and the session."""
    statements = ["SET TimeZone = 'UTC'", "SET enable_progress_bar = false"]
    for name in _ENUMS[dataset]:
        statements.append(f"CREATE TYPE e_{dataset}_{name} AS ENUM (SELECT DISTINCT {name} FROM"
                          f" '{parquet_path}' WHERE {name} IS NOT NULL ORDER BY 1)")
    enums = ", ".join(f"{name}::e_{dataset}_{name} AS {name}" for name in _ENUMS[dataset])
    columns = f"* REPLACE ({enums})" if enums else "*"
    return [*statements, f"CREATE TABLE {dataset} AS SELECT {columns} FROM '{parquet_path}'",
            f"SET threads = {num_threads}"]


def memory(path: str) -> str:
    """What writes how many bytes the tables take, of all that DuckDB says it holds."""
    return (f"COPY (SELECT sum(memory_usage_bytes)::BIGINT AS bytes FROM duckdb_memory()) TO '{path}'"
            " (HEADER)")


def _literal(value) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _array(values: list) -> str:
    return f"[{', '.join(map(_literal, values))}]"


def _condition(dataset: str, spec: dict) -> str:
    column, op = spec["col"], spec["op"]
    cast = f"::e_{dataset}_{column}" if column in _ENUMS[dataset] else ""
    if op == "in" and len(spec["values"]) > MANY_VALUES:
        array = f"{_array(spec['values'])}{cast + '[]' if cast else ''}"
        return f"{column} IN (SELECT unnest({array}))"
    if op == "in":
        return f"{column} IN ({', '.join(_literal(value) + cast for value in spec['values'])})"
    if op == "range":
        return (f"{column} >= TIMESTAMPTZ '{spec['lo']}+00' AND"
                f" {column} < TIMESTAMPTZ '{spec['hi']}+00'")
    if op in ("any_of", "none_of"):
        found = f"list_has_any({column}, {_array(spec['values'])})"
        return found if op == "any_of" else f"NOT {found}"
    if op in ("eq", "lt", "ge"):
        sign = {"eq": "=", "lt": "<", "ge": ">="}[op]
        return f"{column} {sign} {_literal(spec['value'])}{cast}"
    return {"between": lambda: f"{column} >= {spec['lo']} AND {column} <= {spec['hi']}",
            "is": lambda: column if spec["value"] else f"NOT {column}",
            "null": lambda: f"{column} IS NULL",
            "not_null": lambda: f"{column} IS NOT NULL"}[op]()


def _key(spec: dict) -> str:
    if "fn" not in spec:
        return spec["col"]
    unit = {"week": "week", "month1": "month", "day": "day"}[spec["fn"]]
    local = f"{spec['col']} AT TIME ZONE '{spec['tz']}'"
    return f"CAST(date_trunc('{unit}', {local}) AS DATE) AS {spec['as']}"


_MEASURES = {
    "median": lambda x, m: f"quantile_cont({x}, 0.5)",
    "p95": lambda x, m: f"quantile_cont({x}, 0.95)",
    "stddev": lambda x, m: f"stddev_samp({x})",
    "distinct": lambda x, m: f"count(DISTINCT {x})",
    "sum_ratio": lambda x, m: f"sum({m['num']})::DOUBLE / nullif(sum({m['den']}), 0)",
    "top2": lambda x, m: f"unnest(max({x}, 2))",
}
_DIALECT = spec_sql.Dialect(
    _condition, _key, lambda later, earlier: f"(epoch({later}) - epoch({earlier}))", _MEASURES)


def query(spec: dict) -> str:
    """One spec as SELECT."""
    return spec_sql.query(_DIALECT, spec)


def summary(spec: dict) -> str:
    """What is compared: the result itself, or, of a big one, its rows and sums."""
    return spec_sql.summary(_DIALECT, spec)
