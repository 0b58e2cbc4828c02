-- What the metrics of code checks mean, over the source tables. See definitions.py for how this is read.

-- prepare
CREATE TEMP TABLE suite AS
SELECT *, conclusion IN ('CANCELLED', 'SKIPPED') AS is_void FROM github.check_suites WHERE status = 'COMPLETED';

CREATE TEMP TABLE run AS
SELECT r.*, s.completed_at AS suite_end, s.started_at AS suite_start, extract(epoch FROM r.completed_at - r.started_at)::float8 AS seconds
FROM github.check_runs r JOIN suite s ON s.id = r.check_suite_id
WHERE NOT s.is_void AND r.completed_at IS NOT NULL;

-- group repository

-- samples at: executed
SELECT account_id, repository, started_at AS at, conclusion, pull_request_id FROM suite
-- metric chk-suites-count else 0: count(*) FILTER (WHERE conclusion <> 'SKIPPED')
-- metric chk-suites-in-prs-count else 0: count(*) FILTER (WHERE conclusion <> 'SKIPPED' AND pull_request_id IS NOT NULL)
-- metric chk-successful-suites-count else 0: count(*) FILTER (WHERE conclusion = 'SUCCESS' OR conclusion = 'NEUTRAL')
-- metric chk-failed-suites-count else 0: count(*) FILTER (WHERE conclusion = 'FAILURE' OR conclusion = 'STALE' OR conclusion = 'ACTION_REQUIRED')
-- metric chk-cancelled-suites-count else 0: count(*) FILTER (WHERE conclusion = 'CANCELLED')
-- metric chk-success-ratio: count(*) FILTER (WHERE conclusion IN ('SUCCESS', 'NEUTRAL')) / nullif(count(*) FILTER (WHERE conclusion <> 'SKIPPED'), 0)::float8

-- samples at: ran to the end
SELECT account_id, repository, started_at AS at, pull_request_id, extract(epoch FROM completed_at - started_at) AS seconds FROM suite WHERE NOT is_void
-- metric chk-suite-time: avg(seconds)
-- metric chk-suite-time-per-pr: avg(seconds) FILTER (WHERE pull_request_id IS NOT NULL)

-- samples at: busy share of suites of several runs
SELECT account_id, repository, suite_start AS at, sum(seconds) / (count(*) * extract(epoch FROM suite_end - suite_start)::float8) AS share
FROM run WHERE suite_end > suite_start GROUP BY check_suite_id, account_id, repository, suite_start, suite_end HAVING count(*) > 1
-- metric chk-suite-occupancy: avg(share)

-- samples at: busy share of the checks that ended some suite of their repository
SELECT account_id, repository, suite_start AS at, sum(seconds) / (count(*) * extract(epoch FROM suite_end - suite_start)::float8) AS share
FROM run r WHERE suite_end > suite_start AND (repository, name) IN (SELECT repository, name FROM run WHERE completed_at = suite_end)
GROUP BY check_suite_id, account_id, repository, suite_start, suite_end HAVING count(*) > 1
-- metric chk-suite-critical-occupancy: avg(share)

-- samples at: between the ends of the two slowest runs
SELECT account_id, repository, suite_start AS at, extract(epoch FROM completed_at - next_at) AS seconds
FROM (SELECT *, lead(completed_at) OVER slowest AS next_at, row_number() OVER slowest AS place FROM run
      WINDOW slowest AS (PARTITION BY check_suite_id ORDER BY completed_at DESC, id)) r
WHERE place = 1 AND next_at IS NOT NULL
-- metric chk-suite-imbalance: avg(seconds)

-- group repository

-- samples during: open pull requests with check suites
SELECT p.account_id, p.repository, created_at AS since, closed_at AS until, num_suites
FROM github.pull_requests p JOIN (SELECT pull_request_id, count(*) AS num_suites FROM suite WHERE conclusion <> 'SKIPPED' GROUP BY 1) s ON s.pull_request_id = p.id
-- metric chk-suites-per-pr: avg(num_suites)
-- metric chk-prs-with-checks-count else 0: count(*)

-- samples at: merged, and whether the last run of some check failed
SELECT account_id, repository, merged_at AS at,
  EXISTS (SELECT FROM github.check_runs r WHERE r.pull_request_id = p.id AND conclusion IN ('FAILURE', 'TIMED_OUT')
          AND NOT EXISTS (SELECT FROM github.check_runs later WHERE later.pull_request_id = p.id AND later.name = r.name
                          AND (later.started_at, later.id) > (r.started_at, r.id))) AS is_failed,
  EXISTS (SELECT FROM suite s WHERE s.pull_request_id = p.id AND conclusion <> 'SKIPPED') AS is_checked
FROM github.pull_requests p
-- metric chk-prs-merged-with-failed-checks-count else 0: count(*) FILTER (WHERE is_failed)
-- metric chk-prs-merged-with-failed-checks-ratio: count(*) FILTER (WHERE is_failed AND is_checked) / nullif(count(*) FILTER (WHERE is_checked), 0)::float8

-- group repository

-- samples at: commits of which the same check passed and failed
SELECT account_id, repository, min(started_at) AS at FROM github.check_runs c
WHERE EXISTS (SELECT FROM github.check_runs good JOIN github.check_runs bad USING (commit_id, name)
              WHERE commit_id = c.commit_id AND good.conclusion IN ('SUCCESS', 'NEUTRAL') AND bad.conclusion IN ('FAILURE', 'TIMED_OUT'))
GROUP BY account_id, repository, commit_id
-- metric chk-flaky-commit-checks-count else 0: count(*)

-- group repository
-- group name

-- samples at: runs, with those of the same check that share half of their time
SELECT r.account_id, r.repository, r.name, r.started_at AS at, count(*) AS concurrency
FROM github.check_runs r JOIN github.check_runs o ON o.repository = r.repository AND o.name = r.name
  AND tstzrange(r.started_at, r.completed_at) && tstzrange(o.started_at, o.completed_at)
WHERE r.completed_at > r.started_at AND o.completed_at > o.started_at
  AND extract(epoch FROM upper(tstzrange(r.started_at, r.completed_at) * tstzrange(o.started_at, o.completed_at))
                       - lower(tstzrange(r.started_at, r.completed_at) * tstzrange(o.started_at, o.completed_at)))
      >= extract(epoch FROM r.completed_at - r.started_at) / 2
GROUP BY r.id
-- metric chk-concurrency: avg(concurrency)
-- metric chk-concurrency-max: max(concurrency)
