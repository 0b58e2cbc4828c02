"""The figures of a run as rows for JSON, and as a table for people."""

import math

import engines

OF_OURS = {"product", "service", "floor"}


def _figures(lines: list[dict], query: str, engine: str) -> dict:
    return next((line for line in lines
                 if line["query"] == query and line["engine"] == engine), {})


def _of_peers(lines: list[dict], query: str) -> list[dict]:
    return [line for line in lines
            if line["query"] == query and line["engine"] not in OF_OURS]


def _best_peer(lines: list[dict], query: str) -> dict:
    """The one with the most queries/s, and where they are not counted with the least median."""
    return max(_of_peers(lines, query), default={},
               key=lambda line: line.get("queries_per_s", -line["median_ms"]))


def rows(run: engines.Run, specs: list[dict], lines: list[dict]) -> list[dict]:
    """One row a query: medians in milliseconds. `best_peer_cpu_ms` is the least of any peer."""
    found = []
    queries = [f"D.clients{count}" for count in run.clients] or [spec["id"] for spec in specs]
    for query in queries:
        ours, best = _figures(lines, query, "product"), _best_peer(lines, query)
        row = {"workload": run.workload, "query": query, "threads": run.threads,
               "product_ms": ours.get("median_ms"), "product_first_ms": ours.get("first_ms"),
               "best_peer": best.get("engine"), "best_peer_ms": best.get("median_ms")}
        if run.threads == 1 and "cpu_ms" in ours:
            row["product_cpu_ms"] = ours["cpu_ms"]
            row["best_peer_cpu_ms"] = min(
                (line["cpu_ms"] for line in _of_peers(lines, query)), default=None)
        for name in ("queries_per_s", "p99_ms"):
            if name in ours:
                row[f"product_{name}"] = ours[name]
                row[f"best_peer_{name}"] = best.get(name)
        if service := _figures(lines, query, "service"):
            row["grpc_ms"] = service["median_ms"]
            row["grpc_floor_ms"] = _figures(lines, query, "floor").get("median_ms")
        found.append(row)
    return found


def _text(value) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}" if value >= 0.01 else f"{value:.4f}"


def _ratio(row: dict) -> float | None:
    if not row["product_ms"] or not row["best_peer_ms"]:
        return None
    if "product_queries_per_s" in row:
        return row["product_queries_per_s"] / row["best_peer_queries_per_s"]
    return row["best_peer_ms"] / row["product_ms"]


def _cpu_ratio(row: dict) -> float | None:
    """Of processor times, which other work on the machine changes little."""
    mine, best = row.get("product_cpu_ms"), row.get("best_peer_cpu_ms")
    return best / mine if mine and best else None


def _mean_and_least(name: str, ratios: list[float | None]) -> str:
    known = [ratio for ratio in ratios if ratio]
    if not known:
        return ""
    mean = math.exp(sum(map(math.log, known)) / len(known))
    return f"\n{name}: geometric mean {mean:.3g}, least {min(known):.3g}"


def _over_grpc(figures: list[dict]) -> str:
    text = ""
    for row in figures:
        if "grpc_ms" not in row or not row["product_ms"]:
            continue
        text += f"\n{row['query']} over gRPC: engine + {row['grpc_ms'] - row['product_ms']:.3f} ms"
        if row["grpc_floor_ms"]:
            text += f"; a run and a bare call in turn: + {row['grpc_floor_ms'] - row['product_ms']:.3f} ms"
    return text


def _memory(lines: list[dict]) -> str:
    """Of the rows, with the product's indexes; DuckDB's before any query."""
    bytes_of = {line["engine"]: line["bytes"] for line in lines if line["query"] == "memory"}
    if "product" not in bytes_of:
        return ""
    text = f"\nmemory: product {bytes_of['product'] / 1e6:.1f} MB with indexes"
    if "duckdb" in bytes_of:
        text += f", DuckDB {bytes_of['duckdb'] / 1e6:.1f} MB (duckdb_memory())"
    return text


def _aligned(cells: list[list[str]]) -> str:
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join("  ".join(text.ljust(width) if column == 0 else text.rjust(width)
                               for column, (text, width) in enumerate(zip(line, widths))).rstrip()
                     for line in cells)


def text(run: engines.Run, figures: list[dict], lines: list[dict]) -> str:
    """The table: milliseconds, and of clients queries/s; above 1 in `ratio`, the product is faster."""
    others = sorted({line["engine"] for line in lines} - {"product", "floor"})
    load = bool(run.clients)
    head = ["queries/s" if load else "query", "product", "p99 ms" if load else "first", *others,
            "best", "ratio"] + ([] if load else ["cpu", "best cpu", "ratio"])
    cells = [head]
    for row in figures:
        per_peer = [_figures(lines, row["query"], name).get("queries_per_s" if load else "median_ms")
                    for name in others]
        mine = [row.get("product_queries_per_s"), row.get("product_p99_ms")] if load else [
            row["product_ms"], row["product_first_ms"]]
        values = [row["query"], *mine, *per_peer, row["best_peer"], _ratio(row)]
        if not load:
            values += [row.get("product_cpu_ms"), row.get("best_peer_cpu_ms"), _cpu_ratio(row)]
        cells.append([_text(value) for value in values])
    summary = (_mean_and_least(f"ratio of {'queries/s' if load else 'medians'}", [_ratio(row) for row in figures]) +
               _mean_and_least("ratio of processor time", [_cpu_ratio(row) for row in figures]) +
               _over_grpc(figures) + _memory(lines))
    shape = "".join(f", {name}" for name in (run.variant, run.zone) if name not in ("plain", ""))
    return (f"workload {run.workload}{shape}, {run.num_rows or 'fixed'} rows, {run.threads} thread(s),"
            f" {'queries/s' if load else 'medians in ms'};"
            f" above 1 in ratio: faster than the best peer\n{_aligned(cells)}{summary}")
