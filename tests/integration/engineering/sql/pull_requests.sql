-- What the metrics of pull requests mean, over the source tables. See definitions.py for how this is read.

-- prepare
-- A fact per subselect: as slow as it is plain.
CREATE TEMP TABLE pull_request AS
SELECT p.*,
  (SELECT min(committed_at) FROM github.commits c WHERE c.pull_request_id = p.id) AS first_commit,
  (SELECT max(committed_at) FROM github.commits c WHERE c.pull_request_id = p.id) AS last_commit,
  (SELECT min(created_at) FROM github.review_requests q WHERE q.pull_request_id = p.id) AS requested,
  (SELECT submitted_at FROM github.reviews r WHERE r.pull_request_id = p.id AND state = 'APPROVED' ORDER BY 1 DESC LIMIT 1) AS approved,
  (SELECT submitted_at FROM github.reviews r WHERE r.pull_request_id = p.id ORDER BY 1 DESC LIMIT 1) AS last_review,
  (SELECT min(t) FROM (SELECT submitted_at AS t FROM github.reviews WHERE pull_request_id = p.id
                       UNION ALL SELECT created_at FROM github.review_comments WHERE pull_request_id = p.id) reactions) AS first_reaction,
  (SELECT count(*) FROM github.reviews r WHERE r.pull_request_id = p.id) AS num_reviews,
  (SELECT count(*) FROM github.review_comments r WHERE r.pull_request_id = p.id) AS num_review_comments,
  (SELECT count(*) FROM github.comments r WHERE r.pull_request_id = p.id) AS num_comments,
  EXISTS (SELECT FROM jira.pull_request_issues i WHERE i.pull_request_id = p.id) AS is_mapped
FROM github.pull_requests p;

CREATE TEMP TABLE pull_request_fact AS
SELECT p.*,
  CASE WHEN first_commit < created_at THEN first_commit ELSE created_at END AS began,
  CASE WHEN requested IS NOT NULL THEN requested WHEN last_commit IS NOT NULL THEN last_commit ELSE closed_at END AS wip_end,
  CASE WHEN approved IS NOT NULL THEN approved ELSE last_review END AS review_end,
  CASE WHEN approved IS NOT NULL THEN approved WHEN last_review IS NOT NULL THEN last_review ELSE last_commit END AS ready,
  -- Done: released | rejected | dropped by a forced push | release ignored.
  CASE WHEN closed_at IS NOT NULL AND (merged_at IS NULL OR force_push_dropped OR release_ignored) THEN closed_at
       WHEN merged_at IS NOT NULL THEN released_at END AS done
FROM pull_request p;

-- group repository

-- samples at: from the beginning of work to the first review request, else the last commit, else the close
SELECT account_id, repository, wip_end AS at, extract(epoch FROM wip_end - began) AS seconds
FROM pull_request_fact WHERE wip_end >= began
-- metric pr-wip-time: avg(seconds)
-- metric pr-wip-count else 0: count(*)
-- metric pr-wip-count-q else 0: count(*)
-- clipped pr-wip-count-q else 0: count(*)
-- clipped pr-wip-time: avg(seconds)
-- metric pr-wip-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 86400) / count(*)::float8

-- samples at: from the first review request to the approval, else the last review, of closed pull requests
SELECT account_id, repository, review_end AS at, extract(epoch FROM review_end - requested) AS seconds
FROM pull_request_fact WHERE closed_at IS NOT NULL AND review_end >= requested
-- metric pr-review-time: avg(seconds)
-- metric pr-review-count else 0: count(*)
-- metric pr-review-count-q else 0: count(*)
-- clipped pr-review-count-q else 0: count(*)
-- clipped pr-review-time: avg(seconds)
-- metric pr-review-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 172800) / count(*)::float8

-- samples at: from the approval, else the last review, else the last commit, to the merge
SELECT account_id, repository, merged_at AS at, extract(epoch FROM merged_at - ready) AS seconds
FROM pull_request_fact WHERE merged_at >= ready
-- metric pr-merging-time: avg(seconds)
-- metric pr-merging-count else 0: count(*)
-- metric pr-merging-count-q else 0: count(*)
-- clipped pr-merging-count-q else 0: count(*)
-- clipped pr-merging-time: avg(seconds)
-- metric pr-merging-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 14400) / count(*)::float8

-- samples at: from the merge to the release
SELECT account_id, repository, released_at AS at, extract(epoch FROM released_at - merged_at) AS seconds
FROM github.pull_requests WHERE released_at >= merged_at
-- metric pr-release-time: avg(seconds)
-- metric pr-release-count else 0: count(*)
-- metric pr-release-count-q else 0: count(*)
-- clipped pr-release-count-q else 0: count(*)
-- clipped pr-release-time: avg(seconds)

-- samples at: from the opening to the close
SELECT account_id, repository, closed_at AS at, extract(epoch FROM closed_at - created_at) AS seconds
FROM github.pull_requests WHERE closed_at >= created_at
-- metric pr-open-time: avg(seconds)
-- metric pr-open-count else 0: count(*)
-- metric pr-open-count-q else 0: count(*)
-- clipped pr-open-count-q else 0: count(*)
-- clipped pr-open-time: avg(seconds)
-- metric pr-open-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 259200) / count(*)::float8

-- samples at: from the beginning of work to the release
SELECT account_id, repository, released_at AS at, extract(epoch FROM released_at - began) AS seconds
FROM pull_request_fact WHERE released_at >= began
-- metric pr-lead-time: avg(seconds)
-- metric pr-lead-count else 0: count(*)
-- metric pr-lead-count-q else 0: count(*)
-- clipped pr-lead-count-q else 0: count(*)
-- clipped pr-lead-time: avg(seconds)
-- metric pr-lead-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 432000) / count(*)::float8
-- metric pr-cycle-time: avg(seconds)
-- metric pr-cycle-count else 0: count(*)
-- metric pr-cycle-count-q else 0: count(*)
-- clipped pr-cycle-count-q else 0: count(*)
-- clipped pr-cycle-time: avg(seconds)
-- metric pr-cycle-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 432000) / count(*)::float8

-- samples at: from the first review request to the first reaction to it
SELECT account_id, repository, first_reaction AS at, extract(epoch FROM first_reaction - requested) AS seconds
FROM pull_request WHERE first_reaction >= requested
-- metric pr-wait-first-review-time: avg(seconds)
-- metric pr-wait-first-review-count else 0: count(*)
-- metric pr-wait-first-review-count-q else 0: count(*)
-- clipped pr-wait-first-review-count-q else 0: count(*)
-- clipped pr-wait-first-review-time: avg(seconds)
-- metric pr-wait-first-review-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 21600) / count(*)::float8

-- samples at: from the release before it, or else from the merge, to the first successful deployment to production
SELECT account_id, repository, deployed_at AS at,
  extract(epoch FROM deployed_at - CASE WHEN released_at <= deployed_at THEN released_at ELSE merged_at END) AS seconds
FROM (SELECT account_id, repository, merged_at, released_at,
        (SELECT min(finished_at) FROM deploy.deployed_pull_requests x JOIN deploy.deployments d ON d.id = x.deployment_id
         WHERE x.pull_request_id = p.id AND d.environment = 'production' AND d.conclusion = 'SUCCESS') AS deployed_at
      FROM github.pull_requests p) d
WHERE deployed_at >= merged_at
-- metric pr-deployment-time: avg(seconds)
-- metric pr-deployment-count else 0: count(*)
-- metric pr-deployment-count-q else 0: count(*)
-- clipped pr-deployment-count-q else 0: count(*)
-- clipped pr-deployment-time: avg(seconds)
-- metric pr-cycle-deployment-count else 0: count(*)

-- samples at: from the beginning of work to the deployment
SELECT account_id, repository, deployed_at AS at, extract(epoch FROM deployed_at - began) AS seconds
FROM pull_request_fact WHERE deployed_at >= merged_at AND deployed_at >= began
-- metric pr-lead-deployment-time: avg(seconds)
-- metric pr-lead-deployment-count else 0: count(*)
-- metric pr-lead-deployment-count-q else 0: count(*)
-- clipped pr-lead-deployment-count-q else 0: count(*)
-- clipped pr-lead-deployment-time: avg(seconds)

-- samples at: any of the four stages of the live cycle ended; a pull request counts once in an interval
SELECT account_id, repository, id, wip_end AS at FROM pull_request_fact WHERE wip_end >= began
UNION ALL SELECT account_id, repository, id, review_end FROM pull_request_fact WHERE closed_at IS NOT NULL AND review_end >= requested
UNION ALL SELECT account_id, repository, id, merged_at FROM pull_request_fact WHERE merged_at >= ready
UNION ALL SELECT account_id, repository, id, released_at FROM pull_request_fact WHERE released_at >= merged_at
-- metric pr-live-cycle-count else 0: count(DISTINCT id)

-- samples at: opened
SELECT account_id, repository, created_at AS at, additions + deletions AS size, is_mapped FROM pull_request
-- metric pr-opened else 0: count(*)
-- metric pr-size: avg(size)
-- metric pr-median-size: percentile_cont(0.5) WITHIN GROUP (ORDER BY size)
-- metric pr-size-below-threshold-ratio: count(*) FILTER (WHERE size <= 100) / count(*)::float8
-- metric pr-opened-mapped-to-jira: count(*) FILTER (WHERE is_mapped) / count(*)::float8

-- samples at: closed
SELECT account_id, repository, closed_at AS at, merged_at, num_reviews FROM pull_request
-- metric pr-closed else 0: count(*)
-- metric pr-rejected else 0: count(*) FILTER (WHERE merged_at IS NULL)
-- metric pr-reviewed-closed else 0: count(*) FILTER (WHERE num_reviews > 0)
-- metric pr-not-reviewed else 0: count(*) FILTER (WHERE num_reviews = 0)

-- samples at: merged
SELECT account_id, repository, merged_at AS at FROM github.pull_requests
-- metric pr-merged else 0: count(*)

-- samples at: done
SELECT account_id, repository, done AS at, is_mapped FROM pull_request_fact
-- metric pr-done else 0: count(*)
-- metric pr-done-mapped-to-jira: count(*) FILTER (WHERE is_mapped) / count(*)::float8

-- samples at: reviewed
SELECT p.account_id, p.repository, p.id, r.submitted_at AS at FROM github.pull_requests p JOIN github.reviews r ON r.pull_request_id = p.id
-- metric pr-reviewed else 0: count(DISTINCT id)

-- samples during: alive, from the opening until done
SELECT account_id, repository, created_at AS since, done AS until, is_mapped,
  done IS NULL AS is_pending, merged_at, approved, requested
FROM pull_request_fact
-- metric pr-all-count else 0: count(*)
-- metric pr-all-mapped-to-jira: count(*) FILTER (WHERE is_mapped) / count(*)::float8
-- metric pr-release-pending-count else 0: count(*) FILTER (WHERE is_pending AND merged_at IS NOT NULL)
-- metric pr-merging-pending-count else 0: count(*) FILTER (WHERE is_pending AND merged_at IS NULL AND approved IS NOT NULL)
-- metric pr-review-pending-count else 0: count(*) FILTER (WHERE is_pending AND merged_at IS NULL AND approved IS NULL AND requested IS NOT NULL)
-- metric pr-wip-pending-count else 0: count(*) FILTER (WHERE is_pending AND merged_at IS NULL AND approved IS NULL AND requested IS NULL)

-- samples during: alive, with who took part
SELECT account_id, repository, created_at AS since, done AS until,
  (SELECT count(DISTINCT person) FROM (
     SELECT p.author AS person UNION ALL SELECT p.merged_by
     UNION ALL SELECT author FROM github.reviews WHERE pull_request_id = p.id
     UNION ALL SELECT author FROM github.review_comments WHERE pull_request_id = p.id
     UNION ALL SELECT author FROM github.comments WHERE pull_request_id = p.id
     UNION ALL SELECT author FROM github.commits WHERE pull_request_id = p.id) people) AS participants
FROM pull_request_fact p
-- metric pr-participants-per: avg(participants)

-- samples during: alive and reviewed
SELECT account_id, repository, created_at AS since, done AS until, num_reviews, num_review_comments, num_comments
FROM pull_request_fact WHERE num_reviews > 0
-- metric pr-reviews-per: avg(num_reviews)
-- metric pr-review-comments-per: avg(num_review_comments)
-- metric pr-comments-per: avg(num_review_comments + num_comments)
-- metric pr-review-comments-per-above-threshold-ratio: count(*) FILTER (WHERE num_review_comments >= 3) / count(*)::float8

-- samples at: the whole cycle of pull requests that went through all of it, at the deployment
SELECT account_id, repository, deployed_at AS at, extract(epoch FROM (wip_end - began) + (review_end - requested) + (merged_at - ready)
    + (released_at - merged_at) + (deployed_at - CASE WHEN released_at <= deployed_at THEN released_at ELSE merged_at END)) AS seconds
FROM pull_request_fact
WHERE wip_end >= began AND review_end >= requested AND merged_at >= ready AND released_at >= merged_at AND deployed_at >= merged_at
-- metric pr-complete-cycle-time: avg(seconds)
-- metric pr-cycle-deployment-count-q else 0: count(*)
-- clipped pr-cycle-deployment-count-q else 0: count(*)
-- metric pr-cycle-deployment-time-below-threshold-ratio: count(*) FILTER (WHERE seconds <= 432000) / count(*)::float8

-- cells
-- metric pr-live-cycle-time: CASE WHEN num_nonnulls("pr-wip-time", "pr-review-time", "pr-merging-time", "pr-release-time") > 0 THEN coalesce("pr-wip-time", 0) + coalesce("pr-review-time", 0) + coalesce("pr-merging-time", 0) + coalesce("pr-release-time", 0) END
-- metric pr-cycle-deployment-time: "pr-wip-time" + "pr-review-time" + "pr-merging-time" + "pr-release-time" + "pr-deployment-time"
-- metric pr-flow-ratio else 1: (coalesce("pr-opened", 0) + 1) / (coalesce("pr-closed", 0) + 1)
-- metric pr-reviewed-ratio: coalesce("pr-reviewed", 0) / nullif(coalesce("pr-reviewed", 0) + coalesce("pr-not-reviewed", 0), 0)
