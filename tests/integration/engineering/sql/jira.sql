-- What the metrics of JIRA issues mean, over the source tables. See definitions.py for how this is read.

-- prepare
CREATE TEMP TABLE fix AS
SELECT x.issue_id, p.repository, p.created_at, p.released_at,
  coalesce((SELECT least(min(committed_at), p.created_at) FROM github.commits c WHERE c.pull_request_id = p.id), p.created_at) AS began
FROM jira.pull_request_issues x JOIN github.pull_requests p ON p.id = x.pull_request_id;

CREATE TEMP TABLE issue AS
SELECT i.*, (SELECT min(began) FROM fix f WHERE f.issue_id = i.id) AS fix_began,
  (SELECT min(f.created_at) FROM fix f WHERE f.issue_id = i.id) AS first_pull_request,
  (SELECT max(released_at) FROM fix f WHERE f.issue_id = i.id) AS fix_released,
  EXISTS (SELECT FROM fix f WHERE f.issue_id = i.id) AS has_fix,
  ARRAY(SELECT DISTINCT repository FROM fix f WHERE f.issue_id = i.id) AS repositories
FROM jira.issues i;

CREATE TEMP TABLE issue_fact AS
SELECT i.*, CASE WHEN NOT has_fix THEN resolved_at WHEN resolved_at > fix_released THEN resolved_at
                 WHEN resolved_at <= fix_released THEN fix_released END AS ended,
  CASE WHEN in_progress_at < fix_began OR fix_began IS NULL THEN in_progress_at ELSE fix_began END AS began,
  status_category <> 'To Do' AS is_begun
FROM issue i;

-- group each repositories
-- group project

-- samples at: raised
SELECT *, created_at AS at FROM issue_fact
-- metric jira-raised else 0: count(*)

-- samples at: resolved
SELECT *, resolved_at AS at FROM issue_fact
-- metric jira-resolved else 0: count(*)

-- samples as_of_end: open
SELECT *, created_at AS since, resolved_at AS until FROM issue_fact
-- metric jira-open else 0: count(*)

-- samples at: from the creation, or the first commit before it, to the resolution and the release
SELECT account_id, repositories, project, ended AS at, extract(epoch FROM ended - least(created_at, fix_began)) AS seconds
FROM issue_fact WHERE ended >= least(created_at, fix_began)
-- metric jira-life-time: avg(seconds)
-- clipped jira-life-time: avg(seconds)
-- metric jira-life-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 432000) / count(*)::float8

-- samples at: from the beginning of work to the same end
SELECT account_id, repositories, project, ended AS at, extract(epoch FROM ended - began) AS seconds FROM issue_fact WHERE ended >= began
-- metric jira-lead-time: avg(seconds)
-- clipped jira-lead-time: avg(seconds)
-- metric jira-lead-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 432000) / count(*)::float8

-- samples at: from the creation to the beginning of work
SELECT account_id, repositories, project, began AS at, greatest(extract(epoch FROM began - created_at), 0) AS seconds
FROM issue_fact WHERE is_begun
-- metric jira-acknowledge-time: avg(seconds)
-- metric jira-acknowledged else 0: count(*)
-- metric jira-acknowledged-q else 0: count(*)
-- clipped jira-acknowledged-q else 0: count(*)
-- clipped jira-acknowledge-time: avg(seconds)
-- metric jira-acknowledge-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 259200) / count(*)::float8

-- samples at: from In Progress to the first pull request
SELECT account_id, repositories, project, first_pull_request AS at, greatest(extract(epoch FROM first_pull_request - in_progress_at), 0) AS seconds
FROM issue_fact WHERE is_begun AND in_progress_at IS NOT NULL
-- metric jira-pr-lag-time: avg(seconds)

-- samples at: from the creation to In Progress
SELECT account_id, repositories, project, in_progress_at AS at, extract(epoch FROM in_progress_at - created_at) AS seconds
FROM issue_fact WHERE is_begun AND in_progress_at >= created_at
-- metric jira-backlog-time: avg(seconds)

-- cells
-- metric jira-resolution-rate else 1: (coalesce("jira-resolved", 0) + 1) / (coalesce("jira-raised", 0) + 1)
