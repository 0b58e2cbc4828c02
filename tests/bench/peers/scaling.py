"""How much sooner two threads answer than one, and how near both come to what the machine gives."""

import dataclasses

import engines

ROWS = 10_000_000
THREADS = (1, 2)
ENOUGH = 1.8  # times as fast
OF_BANDWIDTH = 0.8  # or so much of what two threads read from memory
SHORT_MS = 1.0  # what takes one thread less goes to no second one


def _bytes_of(spec: dict, memory: dict) -> int:
    """Of the columns that the question names, whether or not an index spares their rows."""
    sizes = memory["columns"][spec["dataset"]]
    return sum(sizes[name] for name in spec["columns"])


@dataclasses.dataclass
class Figures:
    """Of a query, in milliseconds."""

    one: float  # thread
    two: float
    beside: float  # by one thread, while another one asks the same: they share the rows and the machine

    @property
    def ratio(self) -> float:
        return self.one / self.two

    @property
    def ceiling(self) -> float:
        """The ratio of threads that need nothing of each other."""
        return 2 * self.one / self.beside


def line_of(spec: dict, ms: Figures, num_bytes: int, bandwidth: float) -> tuple[str, bool]:
    """What is printed of a query, and whether it misses the goal. `bandwidth`: of two threads, in bytes
    a second."""
    one, two = ms.one, ms.two
    read = [num_bytes / each * 1e3 for each in (one, two)]
    part = read[1] / bandwidth
    misses = one >= SHORT_MS and one < ENOUGH * two and part < OF_BANDWIDTH
    note = "  TOO LITTLE" if misses else "" if one >= SHORT_MS else "  (short)"
    return (f"{spec['id']:6} {one:9.3f} {two:9.3f} {ms.ratio:6.2f} {ms.ceiling:8.2f} {num_bytes / 1e6:8.1f}"
            f" {read[0] / 1e9:7.1f} {read[1] / 1e9:7.1f} {part:7.0%}{note}", misses)


def measure(run: engines.Run, specs: list[dict], num_rows: int) -> int:
    """Prints a line per query; 1 when a query fails, or gains too little."""
    engines.build(run, ["peers_product", "peers_read_bandwidth"])
    bandwidths = {line["threads"]: line["bytes_per_s"]
                  for line in engines.json_lines([run.program("peers_read_bandwidth")])}
    sides = [{line["query"]: line
              for line in engines.product(dataclasses.replace(run, num_rows=num_rows, **side))}
             for side in ({"threads": THREADS[0]}, {"threads": THREADS[1]},
                          {"threads": THREADS[0], "beside": THREADS[1] - THREADS[0]})]
    gigabytes = " and ".join(f"{bandwidths[threads] / 1e9:.1f}" for threads in THREADS)
    print(f"medians of {num_rows:,} rows; {' and '.join(map(str, THREADS))} threads read {gigabytes} GB/s from memory")
    print(f"{'query':6} {'ms of 1':>9} {'ms of 2':>9} {'ratio':>6} {'ceiling':>8} {'MB':>8} {'GB/s 1':>7} {'GB/s 2':>7} {'of 2':>7}")
    fails = False
    for spec in specs:
        if any(spec["id"] not in side for side in sides):
            print(f"{spec['id']}  no answer")
            fails = True
            continue
        text, misses = line_of(spec, Figures(*(side[spec["id"]]["median_ms"] for side in sides)),
                               _bytes_of(spec, sides[0]["memory"]), bandwidths[THREADS[-1]])
        print(text)
        fails |= misses
    return 1 if fails else 0
