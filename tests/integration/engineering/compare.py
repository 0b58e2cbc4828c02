"""Every metric of deploy/catalogs/engineering against SQL written by hand: two tenants, by group and week, in two zones.

Runs under tests/deploy/with_server.py, on the data of fixture.sql. Fails where a cell differs, where a metric of the
catalogue has no SQL, and where SQL has no metric.
"""

import datetime
import math
import os
import pathlib
import subprocess
import sys

import catalogue_ids
from definitions import read_all
from expected_cells import CLIP_HIGH, CLIP_LOW, CLIPPED, FROM, TO, script

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "real_input"))
from answers import parse_csv  # pylint: disable=wrong-import-position

ZONES = ("America/New_York", "Asia/Kathmandu")  # one that changes its clock, one 5:45 ahead
TENANTS = (1, 2)
# Both sides divide an exact sum once, PostgreSQL in decimal digits; shares of shares are added in another order.
RELATIVE_BOUND = 1e-15
# Of the rows of fixture.sql: a new generator needs new ones.
DIGESTS = {
    "github.pull_requests": ("id", "997a019e9f790658696dab662d503670"),
    "github.reviews": ("id", "d541900c5a0918dff13c0b8d709c96a8"),
    "github.review_comments": ("id", "62755ec0925db56e006834cc5575b304"),
    "github.commits": ("id", "5e90aada266a25576c871373bf4a1621"),
    "github.releases": ("id", "79a2ad1a4a8936c30dd031feed838ba0"),
    "github.check_runs": ("id", "cff9342796dc8f2582e81606ce34fb8d"),
    "github.check_suites": ("id", "205a094ac003bfa88ec3d806b572e8cf"),
    "github.team_members": ("team_id, developer", "72969ca8cacdf48659f2efa11ab61e0f"),
    "deploy.deployments": ("id", "7228d2f90865ade9c44e611e3265546b"),
    "deploy.deployed_components": ("deployment_id, release_id", "0c4e9424b474bd6d9b2f6ba4ef3f7c37"),
    "jira.issues": ("id", "88a04efef4b3f50e8fe3f0d6f6332517"),
    "jira.pull_request_issues": ("pull_request_id, issue_id", "b54944f93e9d2db13d2a403929a390f4"),
}
BOUNDS = {"chk-suite-occupancy": 1e-13, "chk-suite-critical-occupancy": 1e-13}
SETS = {
    "teams": "SELECT t.name, count(*) FROM github.teams t JOIN github.team_members m ON m.team_id = t.id"
             " JOIN github.pull_requests p ON p.author = m.developer AND p.account_id = t.account_id GROUP BY 1",
    "team_repositories": "SELECT t.name, count(*) FROM github.teams t JOIN github.team_repositories m ON m.team_id = t.id"
                         " JOIN github.pull_requests p USING (repository) GROUP BY 1",
}


def ask(*arguments):
    command = [os.environ["SEXTANT"], "--address", os.environ["SEXTANT_ADDRESS"], *arguments]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def run_sql(text):
    return subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", os.environ["SEXTANT_PG"]], check=True, text=True,
                          input=text, stdout=subprocess.PIPE, env=dict(os.environ, PGTZ="UTC")).stdout


def postgres_cells(entity, zone):
    """{(group, metric, tenant): {(place, start): value}}"""
    cells = {}
    for column, metric, tenant, place, start, value in parse_csv(run_sql(script(entity, zone))):
        cells.setdefault((column, metric, int(tenant)), {})[place, as_instant(start)] = value
    return cells


def as_instant(text):
    return datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc)


def product_cells(metrics, column, tenant, zone, *flags):
    """{metric: {(place, start): value}} of metrics asked in one request; None: a cell without a value."""
    names = [metric.name for metric in metrics]
    text = ask("query", *[word for name in names for word in ("-m", name)], "-g", column, "-i", "week", "--from", FROM,
               "--to", TO, "--zone", zone, "--tenant", str(tenant), "--format", "csv", "--deadline", "60s", *flags)
    header, *rows = parse_csv(text)
    assert header == [column, "start", *names], header
    cells = {name: {} for name in names}
    for place, start, *values in rows:
        for name, value in zip(names, values):
            cells[name][place, as_instant(start)] = value
    return cells


def is_whole(text):
    return text is not None and text.lstrip("-").isdigit()


def are_equal(found, expected, bound):
    if found is None or expected is None:
        return found is expected
    if is_whole(found) and is_whole(expected):
        return found == expected
    return math.isclose(float(found), float(expected), rel_tol=bound, abs_tol=0)


def first_difference(metric, found, expected):
    """None, or a sentence; cells that only one side has must be as those without samples."""
    bound = BOUNDS.get(metric.name, RELATIVE_BOUND)
    for cell in found.keys() | expected.keys():
        value, wanted = found.get(cell, metric.without_samples), expected.get(cell, metric.without_samples)
        if not are_equal(value, wanted, bound):
            return f"{cell}: {value}, PostgreSQL has {wanted}"
    return None


def compare_request(metrics, grouping, column, zone, expected, *flags):
    """As compare_entity, of metrics that are asked together."""
    num_cells, differences = 0, []
    for tenant in TENANTS:
        found = product_cells(metrics, column, tenant, zone, *flags)
        for metric in metrics:
            cells = expected.get((grouping, metric.name, tenant), {})
            num_cells += len(cells)
            difference = first_difference(metric, found[metric.name], cells)
            if not cells:
                difference = "PostgreSQL has no cell, which proves nothing"
            if difference:
                differences.append(f"{metric.name} by {grouping}, tenant {tenant}, {zone}: {difference}")
    return num_cells, differences


def compare_entity(entity, zone):
    """The number of cells that were compared, and a sentence per metric that differs."""
    expected = postgres_cells(entity, zone)
    num_cells, differences = 0, []
    for section in entity.sections:
        for column, _ in section.groups:
            compared = [compare_request(section.metrics(), column, column, zone, expected)]
            if section.clipped():
                compared.append(compare_request(section.clipped(), column + CLIPPED, column, zone, expected, "--clip",
                                                f"{CLIP_LOW},{CLIP_HIGH}"))
            num_cells += sum(cells for cells, _ in compared)
            differences += [difference for _, found in compared for difference in found]
    return num_cells, differences


def compare_sets():
    """The sets of the catalogue have the members that the tables of the generated data have."""
    differences = []
    for name, sql in SETS.items():
        expected = {(team, rows) for team, rows in parse_csv(run_sql(f"COPY ({sql}) TO STDOUT (FORMAT csv)"))}
        found = set()
        for tenant in TENANTS:
            text = ask("query", "-m", "pr-opened", "-g", f"set:{name}", "--tenant", str(tenant), "--format", "csv")
            found |= {(team, rows) for team, rows in parse_csv(text)[1:]}
        if found != expected:
            differences.append(f"set {name}: {sorted(found - expected)}, the tables have {sorted(expected - found)}")
    return differences


def compare_rows():
    """The generated rows are the same on every machine."""
    digests = {table: run_sql(f"SELECT md5(string_agg(md5(t::text), '' ORDER BY {key})) FROM {table} t").strip()
               for table, (key, _) in DIGESTS.items()}
    return [f"{table}: the rows have digest {digests[table]}, wanted {digest}"
            for table, (_, digest) in DIGESTS.items() if digests[table] != digest]


def main():
    entities = read_all()
    sections = [section for entity in entities for section in entity.sections]
    defined = [metric.name for section in sections for metric in section.metrics()]
    # A mean has two definitions where it is clipped too; a count of what is kept has that one.
    defined += sorted({metric.name for section in sections for metric in section.clipped()} - set(defined))
    catalogued = {line.split()[0] for line in ask("metrics").splitlines()[2:]}
    failures = catalogue_ids.contradictions(catalogued, defined, catalogue_ids.README.read_text(encoding="utf-8"))
    failures += compare_sets() + compare_rows()
    for entity in entities:
        for zone in ZONES:
            num_cells, differences = compare_entity(entity, zone)
            print(f"{entity.name} [{zone}]: {num_cells} cells, {len(differences)} differences")
            failures += differences
    for failure in failures:
        print("FAILED", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
