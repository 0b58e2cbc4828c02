"""The specs as ClickHouse (chdb) reads them: texts of few values are LowCardinality columns, and no column
is Nullable that has no NULL."""

import spec_sql

_LOW = "LowCardinality(String)"
_LOW_OR_NULL = "LowCardinality(Nullable(String))"
_TIME = "DateTime('UTC')"
_TIME_OR_NULL = "Nullable(DateTime('UTC'))"

_TYPES = {
    "pr": {
        "Int64": "id",
        _LOW: "repository author base_branch language",
        _LOW_OR_NULL: "merger releaser environment jira_project jira_priority jira_type",
        "Array(String)": "reviewers labels",
        "Nullable(String)": "jira_id",
        _TIME: "created first_commit last_commit updated",
        _TIME_OR_NULL: "first_review approved merged closed released first_deployed",
        "Int32": ("size_added size_removed size files_changed commits comments review_comments reviews"
                  " participants deployments failed_deployments"),
        "Nullable(Float64)": "story_points",
        "Bool": "is_merged is_closed draft bot force_push_dropped",
        "Nullable(Int64)": "lead_time review_time",
    },
    "h2o": {_LOW: "id1 id2", "String": "id3", "Int32": "id4 id5 id6 v1 v2", "Float64": "v3"},
    "t": {"Int32": "a size", "String": "k", "Float64": "v"},
    "f": {"Int32": "a", "Int64": "b", "String": "k", "Float64": "v"},
}


def setup(dataset: str, parquet_path: str) -> list[str]:
    """What makes the table, in memory."""
    columns = ", ".join(f"{name} {kind}" for kind, names in _TYPES[dataset].items()
                        for name in names.split())
    return [f"CREATE TABLE {dataset} ENGINE = Memory AS"
            f" SELECT * FROM file('{parquet_path}', 'Parquet', $${columns}$$)"]


def _literal(value) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _instant(text: str) -> str:
    return f"toDateTime('{text}', 'UTC')"


def _listed(values: list) -> str:
    return ", ".join(map(_literal, values))


def _condition(_dataset: str, spec: dict) -> str:
    column, op = spec["col"], spec["op"]
    if op in ("eq", "lt", "ge"):
        return f"{column} {({'eq': '=', 'lt': '<', 'ge': '>='})[op]} {_literal(spec['value'])}"
    return {"in": lambda: f"{column} IN ({_listed(spec['values'])})",
            "range": lambda: f"{column} >= {_instant(spec['lo'])} AND {column} < {_instant(spec['hi'])}",
            "any_of": lambda: f"hasAny({column}, [{_listed(spec['values'])}])",
            "none_of": lambda: f"NOT hasAny({column}, [{_listed(spec['values'])}])",
            "between": lambda: f"{column} >= {spec['lo']} AND {column} <= {spec['hi']}",
            "is": lambda: column if spec["value"] else f"NOT {column}",
            "null": lambda: f"{column} IS NULL",
            "not_null": lambda: f"{column} IS NOT NULL"}[op]()


def _key(spec: dict) -> str:
    if "fn" not in spec:
        return spec["col"]
    column, zone = spec["col"], f"'{spec['tz']}'"
    begin = {"week": f"toStartOfWeek({column}, 1, {zone})", "month1": f"toStartOfMonth({column}, {zone})",
             "day": f"toDate({column}, {zone})"}[spec["fn"]]
    return f"{begin} AS {spec['as']}"


_MEASURES = {
    "median": lambda x, m: f"quantileExactInclusive(0.5)({x})",
    "p95": lambda x, m: f"quantileExactInclusive(0.95)({x})",
    "stddev": lambda x, m: f"stddevSamp({x})",
    "distinct": lambda x, m: f"uniqExact({x})",
    "sum_ratio": lambda x, m: f"if(sum({m['den']}) = 0, NULL, sum({m['num']}) / sum({m['den']}))",
    "top2": lambda x, m: f"arrayJoin(arraySlice(arrayReverseSort(groupArray({x})), 1, 2))",
}
_DIALECT = spec_sql.Dialect(
    _condition, _key, lambda later, earlier: f"dateDiff('second', {earlier}, {later})", _MEASURES)


def query(spec: dict, num_threads: int) -> str:
    """One spec as SELECT."""
    return f"{spec_sql.query(_DIALECT, spec)} SETTINGS max_threads = {num_threads}"


def result(spec: dict, csv_path: str) -> str:
    """What writes the result that is compared."""
    return (f"INSERT INTO FUNCTION file('{csv_path}', 'CSVWithNames') {spec_sql.summary(_DIALECT, spec)}"
            " SETTINGS engine_file_truncate_on_insert = 1")
