"""What is asked of Sextant, and the same in SQL written by hand: each cell of both must be equal.

A question is (name, zone, arguments of `sextant query`, SQL). The SQL runs in a session whose time zone is `zone`; its
columns are the columns of the answer, in the same order of rows.
"""

BERLIN, ST_JOHNS, KOLKATA, NEW_YORK = "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "America/New_York"

# A duration in seconds from exact numeric arithmetic: avg(interval) rounds to microseconds.
LEAD_S = "extract(epoch FROM released_at - committed_at)"


def calendar(column, unit, zone, start, end):
    """The start of the interval that holds `column`, cut at the start of the range."""
    return (f"greatest(date_trunc('{unit}', {column}, '{zone}'), timestamptz '{start}')",
            f"{column} >= timestamptz '{start}' AND {column} < timestamptz '{end}'")


def by_calendar(name, zone, unit, start, end, metric, sql_metric, at="committed_at", group=None, where=None):
    """One metric by calendar interval, and by a column where `group` is given."""
    bucket, in_range = calendar(at, unit, zone, start, end)
    condition = in_range + (f" AND ({where})" if where else "")
    columns = [f'{group} COLLATE "C"'] if group else []
    numbers = ", ".join(str(i + 1) for i in range(len(columns) + 1))
    arguments = ["-m", f"m = {metric}", "--at", at, "-i", unit, "--from", start, "--to", end]
    arguments += ["-g", group] if group else []
    arguments += ["-w", where] if where else []
    sql = (f"SELECT {', '.join(columns + [bucket, sql_metric])} FROM commits WHERE {condition} "
           f"GROUP BY {numbers} ORDER BY {numbers}")
    return (name, zone, arguments, sql)


QUESTIONS = [
    ("count of everything", "UTC", ["-m", "n = count(*)"], "SELECT count(*) FROM commits"),
    ("several aggregates by repository", "UTC",
     ["-m", "n = count(*)", "-m", "a = sum(additions)", "-m", "d = avg(deletions)", "-m", "lo = min(files_changed)",
      "-m", "hi = max(files_changed)", "-g", "repository"],
     """SELECT repository COLLATE "C", count(*), sum(additions), avg(deletions)::float8, min(files_changed),
               max(files_changed) FROM commits GROUP BY 1 ORDER BY 1"""),
    ("distinct authors and kinds by repository", "UTC",
     ["-m", "authors = count(DISTINCT author)", "-m", "kinds = count(DISTINCT kind)", "-m", "k = count(kind)",
      "-g", "repository"],
     """SELECT repository COLLATE "C", count(DISTINCT author), count(DISTINCT kind), count(kind)
        FROM commits GROUP BY 1 ORDER BY 1"""),
    ("NULL is a group", "UTC", ["-m", "n = count(*)", "-m", "lead = avg(released_at - committed_at)", "-g", "kind"],
     f"""SELECT kind COLLATE "C", count(*), (sum({LEAD_S}) / count({LEAD_S}))::float8
         FROM commits GROUP BY 1 ORDER BY 1"""),
    ("a bool and a small integer as groups", "UTC", ["-m", "n = count(*)", "-g", "is_bot", "-g", "parents"],
     "SELECT is_bot, parents, count(*) FROM commits GROUP BY 1, 2 ORDER BY 1, 2"),
    by_calendar("weeks across both changes in Berlin", BERLIN, "week", "2021-02-01", "2021-12-15", "count(*)", "count(*)"),
    by_calendar("days around the change in spring in Berlin", BERLIN, "day", "2023-03-20", "2023-04-02", "count(*)",
                "count(*)", group="repository"),
    by_calendar("days around the change in autumn in St. John's", ST_JOHNS, "day", "2022-10-28", "2022-11-12",
                "sum(additions)", "sum(additions)"),
    by_calendar("months in Kolkata, whose offset is a half hour", KOLKATA, "month", "2019-11-15", "2021-02-03",
                "count(DISTINCT author)", "count(DISTINCT author)"),
    by_calendar("lead time by week in New York", NEW_YORK, "week", "2020-10-01", "2021-04-01",
                "avg(released_at - committed_at)", f"(sum({LEAD_S}) / count({LEAD_S}))::float8"),
    by_calendar("lead time by release month and repository", BERLIN, "month", "2021-01-01", "2022-01-01",
                "avg(released_at - committed_at)", f"(sum({LEAD_S}) / count({LEAD_S}))::float8", at="released_at",
                group="repository"),
    by_calendar("weeks when St. John's changed its clocks a minute after midnight", ST_JOHNS, "week", "2006-10-01", "2007-12-01", "count(*)",
                "count(*)"),
    by_calendar("a filter with NULLs, IN and a range", BERLIN, "month", "2020-01-01", "2022-01-01", "count(*)", "count(*)",
                group="kind", where="kind IN ('feat', 'fix', 'docs') AND additions BETWEEN 10 AND 500 AND NOT is_bot"),
    by_calendar("NOT over NULLs", KOLKATA, "week", "2021-01-04", "2021-06-28", "count(*)", "count(*)",
                where="NOT (kind = 'fix' OR additions > 100)"),
    by_calendar("a difference of timestamps in a filter", NEW_YORK, "month", "2018-01-01", "2021-01-01", "count(*)",
                "count(*)", where="released_at - committed_at > interval '30 days' OR released_at IS NULL"),
    by_calendar("any element of a list", BERLIN, "month", "2019-01-01", "2020-01-01", "count(*)", "count(*)",
                where="languages && ARRAY['py', 'rs', 'go']"),
    by_calendar("all elements and none", BERLIN, "month", "2019-01-01", "2020-01-01", "count(*)", "count(*)",
                where="languages @> ARRAY['c', 'h'] AND NOT ('py' = ANY(languages))"),
    ("each element of a list as a group", "UTC",
     ["-m", "n = count(*)", "-m", "a = sum(additions)", "-g", "languages", "-w", "repository < 'p'"],
     """SELECT language COLLATE "C", count(*), sum(additions)
        FROM commits CROSS JOIN LATERAL (SELECT DISTINCT unnest(languages) AS language) AS languages
        WHERE repository COLLATE "C" < 'p' GROUP BY 1 ORDER BY 1"""),
    ("order and limit", "UTC",
     ["-m", "n = count(*)", "-m", "hi = max(committed_at)", "-g", "author", "--order", "n desc", "--limit", "25"],
     """SELECT author COLLATE "C", count(*), max(committed_at) FROM commits
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 25"""),
    ("text is compared by bytes", "UTC",
     ["-m", "lo = min(author)", "-m", "hi = max(author)", "-m", "n = count(*)", "-g", "kind", "-w", "author > '5'"],
     """SELECT kind COLLATE "C", min(author COLLATE "C"), max(author COLLATE "C"), count(*)
        FROM commits WHERE author COLLATE "C" > '5' GROUP BY 1 ORDER BY 1"""),
    ("instants without a zone are local to the request", ST_JOHNS,
     ["-m", "n = count(*)", "-w", "committed_at >= '2021-06-01 00:00' AND committed_at < '2021-06-02 12:30'"],
     "SELECT count(*) FROM commits WHERE committed_at >= '2021-06-01 00:00' AND committed_at < '2021-06-02 12:30'"),
    # A cell without a sample of any metric is not emitted (rule 17): repositories without a release.
    ("a derived column", "UTC",
     ["-m", "n = count(lead)", "-m", "least = min(lead)", "-m", "greatest = max(lead)", "-m", "total = sum(lead)",
      "-g", "repository"],
     f"""SELECT repository COLLATE "C", count(released_at), min({LEAD_S})::float8, max({LEAD_S})::float8,
                sum({LEAD_S})::float8 FROM commits GROUP BY 1 HAVING count(released_at) > 0 ORDER BY 1"""),
    ("a filter that keeps nothing", "UTC", ["-m", "n = count(*)", "-g", "repository", "-w", "additions < 0"],
     'SELECT repository COLLATE "C", count(*) FROM commits WHERE additions < 0 GROUP BY 1 ORDER BY 1'),
]
