-- What the metrics of deployments mean, over the source tables. See definitions.py for how this is read.

-- prepare
CREATE TEMP TABLE deployment AS
SELECT d.*, ARRAY(SELECT DISTINCT repository FROM deploy.deployed_components c WHERE c.deployment_id = d.id) AS repositories,
  (SELECT count(*) FROM deploy.deployed_components c WHERE c.deployment_id = d.id) AS releases,
  (SELECT coalesce(sum(commits), 0) FROM deploy.deployed_components c WHERE c.deployment_id = d.id) AS commits,
  (SELECT coalesce(sum(additions) + sum(deletions), 0) FROM deploy.deployed_components c WHERE c.deployment_id = d.id) AS lines,
  (SELECT count(*) FROM deploy.deployed_pull_requests p WHERE p.deployment_id = d.id) AS prs,
  (SELECT count(*) FROM jira.issues i WHERE id IN (
     SELECT issue_id FROM jira.pull_request_issues x JOIN deploy.deployed_pull_requests p USING (pull_request_id)
     WHERE p.deployment_id = d.id)) AS issues,
  (SELECT count(*) FROM jira.issues i WHERE type = 'Bug' AND id IN (
     SELECT issue_id FROM jira.pull_request_issues x JOIN deploy.deployed_pull_requests p USING (pull_request_id)
     WHERE p.deployment_id = d.id)) AS bug_fixes,
  EXISTS (SELECT FROM deploy.deployed_labels l WHERE l.deployment_id = d.id AND key = 'failure') AS failed_later
FROM deploy.deployments d;

-- group each repositories
-- group environment

-- samples at: finished
SELECT account_id, repositories, environment, conclusion, finished_at AS at, releases, commits, lines, prs, issues, bug_fixes, failed_later
FROM deployment
-- metric dep-count else 0: count(*)
-- metric dep-success-count else 0: count(*) FILTER (WHERE conclusion = 'SUCCESS')
-- metric dep-failure-count else 0: count(*) FILTER (WHERE conclusion = 'FAILURE')
-- metric dep-success-ratio: count(*) FILTER (WHERE conclusion = 'SUCCESS') / count(*)::float8
-- metric dep-change-failure-count else 0: count(*) FILTER (WHERE conclusion = 'SUCCESS' AND failed_later)
-- metric dep-change-failure-ratio: count(*) FILTER (WHERE conclusion = 'SUCCESS' AND failed_later) / nullif(count(*) FILTER (WHERE conclusion = 'SUCCESS'), 0)::float8
-- metric dep-size-prs: avg(prs)
-- metric dep-size-releases: avg(releases)
-- metric dep-size-lines: avg(lines)
-- metric dep-size-commits: avg(commits)
-- metric dep-prs-count: sum(prs)
-- metric dep-releases-count: sum(releases)
-- metric dep-lines-count: sum(lines)
-- metric dep-commits-count: sum(commits)
-- metric dep-jira-issues-count: sum(issues)
-- metric dep-jira-bug-fixes-count: sum(bug_fixes)

-- samples at: finished, with a time that can be
SELECT account_id, repositories, environment, conclusion, finished_at AS at, extract(epoch FROM finished_at - started_at) AS seconds
FROM deploy.deployments JOIN (SELECT id, repositories FROM deployment) r USING (id) WHERE finished_at >= started_at
-- metric dep-duration-all: avg(seconds) FILTER (WHERE conclusion IN ('SUCCESS', 'FAILURE'))
-- metric dep-duration-successful: avg(seconds) FILTER (WHERE conclusion = 'SUCCESS')
-- metric dep-duration-failed: avg(seconds) FILTER (WHERE conclusion = 'FAILURE')
