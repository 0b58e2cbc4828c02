-- What the metrics of developers mean, over the source tables. See definitions.py for how this is read.

-- group repository
-- group author

-- samples at: commits
SELECT account_id, repository, author, committed_at AS at, additions::int8 + deletions AS lines FROM github.commits
-- metric dev-commits-pushed else 0: count(*)
-- metric dev-lines-changed: sum(lines)
-- metric dev-active0 else 0: 1

-- samples at: pull requests opened
SELECT account_id, repository, author, created_at AS at FROM github.pull_requests
-- metric dev-prs-created else 0: count(*)

-- samples at: pull requests merged, of who merged them
SELECT account_id, repository, merged_by AS author, merged_at AS at FROM github.pull_requests
-- metric dev-prs-merged else 0: count(*)

-- samples at: reviews
SELECT account_id, repository, author, submitted_at AS at, pull_request_id, state FROM github.reviews
-- metric dev-reviews else 0: count(*)
-- metric dev-prs-reviewed else 0: count(DISTINCT pull_request_id)
-- metric dev-review-approvals else 0: count(*) FILTER (WHERE state = 'APPROVED')
-- metric dev-review-rejections else 0: count(*) FILTER (WHERE state = 'CHANGES_REQUESTED')
-- metric dev-review-neutrals else 0: count(*) FILTER (WHERE state = 'COMMENTED')

-- samples at: releases
SELECT account_id, repository, publisher AS author, published_at AS at FROM github.releases
-- metric dev-releases else 0: count(*)

-- samples at: comments outside of reviews
SELECT account_id, repository, author, created_at AS at FROM github.comments
-- metric dev-regular-pr-comments else 0: count(*)

-- samples at: comments in reviews
SELECT account_id, repository, author, created_at AS at FROM github.review_comments
-- metric dev-review-pr-comments else 0: count(*)

-- cells
-- metric dev-pr-comments else 0: coalesce("dev-regular-pr-comments", 0) + coalesce("dev-review-pr-comments", 0)
-- metric dev-worked else 0: ("dev-prs-created" > 0 OR "dev-prs-merged" > 0 OR "dev-releases" > 0 OR "dev-commits-pushed" > 0 OR "dev-reviews" > 0 OR "dev-regular-pr-comments" > 0 OR "dev-review-pr-comments" > 0)::int

-- group author

-- samples at: days of UTC with a commit; a week has seven midnights of UTC, wherever it begins
SELECT DISTINCT account_id, author, date_trunc('day', committed_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS at FROM github.commits
-- metric dev-active else 0: (count(*) / 7.0 > 0.2)::int
