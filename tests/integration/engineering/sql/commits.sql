-- What the metrics of commits mean, over the source tables. See definitions.py for how this is read.

-- group repository
-- group author

-- samples at: all commits
SELECT account_id, repository, author, committed_at AS at, additions::int8 + deletions AS lines FROM github.commits
-- metric total_commits else 0: count(*)
-- metric total_lines: sum(lines)

-- samples at: commits that no pull request brought
SELECT account_id, repository, author, committed_at AS at, additions::int8 + deletions AS lines FROM github.commits c
WHERE NOT EXISTS (SELECT FROM github.pull_requests p WHERE p.id = c.pull_request_id)
-- metric bypassed_commits else 0: count(*)
-- metric bypassed_lines: sum(lines)
