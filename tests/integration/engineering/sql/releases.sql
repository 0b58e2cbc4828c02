-- What the metrics of releases mean, over the source tables. See definitions.py for how this is read.

-- prepare
CREATE TEMP TABLE release_fact AS
SELECT r.account_id, r.repository, r.type, r.published_at AS at, r.commits, r.additions::int8 + r.deletions AS lines,
  extract(epoch FROM r.published_at - r.previous_published_at) AS age,
  (SELECT count(*) FROM github.pull_requests p WHERE p.release_id = r.id) AS prs
FROM github.releases r;

-- group repository

-- samples at: all releases
SELECT * FROM release_fact
-- metric release-count else 0: count(*)
-- metric release-prs: sum(prs)
-- metric release-commits: sum(commits)
-- metric release-lines: sum(lines)
-- metric release-avg-prs: avg(prs)
-- metric release-avg-commits: avg(commits)
-- metric release-avg-lines: avg(lines)
-- metric release-age: avg(age)

-- samples at: tag releases
SELECT * FROM release_fact WHERE type = 'tag'
-- metric tag-release-count else 0: count(*)
-- metric tag-release-prs: sum(prs)
-- metric tag-release-commits: sum(commits)
-- metric tag-release-lines: sum(lines)
-- metric tag-release-avg-prs: avg(prs)
-- metric tag-release-avg-commits: avg(commits)
-- metric tag-release-avg-lines: avg(lines)
-- metric tag-release-age: avg(age)

-- samples at: branch releases
SELECT * FROM release_fact WHERE type = 'branch'
-- metric branch-release-count else 0: count(*)
-- metric branch-release-prs: sum(prs)
-- metric branch-release-commits: sum(commits)
-- metric branch-release-lines: sum(lines)
-- metric branch-release-avg-prs: avg(prs)
-- metric branch-release-avg-commits: avg(commits)
-- metric branch-release-avg-lines: avg(lines)
-- metric branch-release-age: avg(age)
