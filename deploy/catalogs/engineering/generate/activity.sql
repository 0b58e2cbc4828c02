-- What people do about pull requests: requests, reviews, comments, commits; and commits that bypass them.

-- Developer `no` of a tenant; a few of the active ones do the most.
CREATE FUNCTION pg_temp.other_person(draw int8, author_no int4, num_people int4) RETURNS int4 LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((author_no + 1 + (draw % 1000) * (draw % 1000) * (num_people / 4) / 1000000) % num_people)::int4 $$;

INSERT INTO github.review_requests
SELECT row_number() OVER (ORDER BY t, id, j), account_id, id, reviewer, t FROM (
  SELECT p.id, p.account_id, j, requested_at + pg_temp.seconds(j * (pg_temp.h(i, 45) % 90000)) AS t,
    CASE WHEN pg_temp.h(i * 8 + j, 46) % 10 > 0 THEN d.login END AS reviewer
  FROM timed p CROSS JOIN generate_series(0, 1) j
  LEFT JOIN github.developers d ON d.id = p.account_id * 1000 + pg_temp.other_person(pg_temp.h(i * 8 + j, 47), author_no, num_people)
  WHERE requested_at IS NOT NULL AND (j = 0 OR pg_temp.h(i, 48) % 100 < 35)
) r WHERE t < timestamptz '2026-09-28' ORDER BY 1;

-- The last review of an approved pull request is its approval.
CREATE TEMP TABLE reviewed AS
SELECT row_number() OVER (ORDER BY t, id, j) AS review_id, * FROM (
  SELECT p.id, p.i, p.account_id, p.repository, j, d.login AS author,
    reviewed_at + pg_temp.seconds(CASE WHEN j = 0 THEN 0
      ELSE extract(epoch FROM coalesce(approved_at, reviewed_at + interval '2 hours') - reviewed_at)::int8 * j / (num_reviews - 1) END) AS t,
    CASE WHEN j = num_reviews - 1 AND approved_at IS NOT NULL THEN 'APPROVED'
         WHEN pg_temp.h(i * 8 + j, 50) % 3 = 0 THEN 'CHANGES_REQUESTED' ELSE 'COMMENTED' END AS state
  FROM timed p CROSS JOIN generate_series(0, 3) j
  JOIN github.developers d ON d.id = p.account_id * 1000 + pg_temp.other_person(pg_temp.h(i * 8 + j / 2, 51), author_no, num_people)
  WHERE reviewed_at IS NOT NULL AND j < num_reviews
) r WHERE t < timestamptz '2026-09-28';

INSERT INTO github.reviews SELECT review_id, account_id, repository, id, author, state, t FROM reviewed ORDER BY 1;

-- Comments are written before the review is submitted.
INSERT INTO github.review_comments
SELECT row_number() OVER (ORDER BY written_at, review_id, k), account_id, repository, id, review_id, author, written_at FROM (
  SELECT r.*, k, t - pg_temp.seconds(pg_temp.h(i * 64 + j * 8 + k, 53) % 1500) AS written_at
  FROM reviewed r CROSS JOIN generate_series(0, 4) k
  WHERE k < pg_temp.h(i * 8 + j, 52) % 6 - 1
) c ORDER BY 1;

INSERT INTO github.comments
SELECT row_number() OVER (ORDER BY t, id, j), account_id, repository, id, author, t FROM (
  SELECT p.id, p.account_id, p.repository, j, d.login AS author,
    created_at + pg_temp.seconds(pg_temp.h(i * 8 + j, 55) % greatest(3600, least(700000, extract(epoch FROM coalesce(closed_at, created_at) - created_at)::int8))) AS t
  FROM timed p CROSS JOIN generate_series(0, 3) j
  JOIN github.developers d ON d.id = p.account_id * 1000
    + CASE WHEN j = 1 AND NOT p.is_bot THEN author_no ELSE pg_temp.other_person(pg_temp.h(i * 8 + j, 56), author_no, num_people) END
  WHERE j < pg_temp.h(i, 57) % 5 - 1
) c WHERE t < timestamptz '2026-09-28' ORDER BY 1;

-- Of pull requests: spread from the first commit to the approval. A twelfth as many bypass them.
CREATE TEMP TABLE committed AS
SELECT row_number() OVER (ORDER BY t, id, j, bypass_no) AS commit_id, * FROM (
  SELECT p.id, NULL::int8 AS bypass_no, p.i AS draw, p.account_id, p.repository, p.repository_no, j,
    CASE WHEN pg_temp.h(i * 32 + j, 60) % 10 = 0 THEN pg_temp.other_person(pg_temp.h(i * 32 + j, 61), author_no, num_people)
         WHEN is_bot THEN 901 + (pg_temp.h(i, 20) % 2)::int4 ELSE author_no END AS author_no,
    first_commit_at + pg_temp.seconds(j * extract(epoch FROM greatest(coalesce(approved_at, reviewed_at, created_at), created_at) - first_commit_at)::int8
                                      / greatest(num_commits, 1)) AS t,
    additions / num_commits + (j = 0)::int4 * (additions % num_commits) AS additions,
    deletions / num_commits + (j = 0)::int4 * (deletions % num_commits) AS deletions, num_commits
  FROM timed p CROSS JOIN generate_series(0, 15) j
  WHERE j < num_commits
  UNION ALL
  SELECT NULL, i, i, account_id, repository, repository_no, 0, author_no,
    created_at + pg_temp.seconds(pg_temp.h(i, 62) % 400000), 1 + additions / 4, deletions / 4, 1
  FROM timed WHERE i % 12 = 7 AND NOT is_bot
) c WHERE t < timestamptz '2026-09-28';
CREATE INDEX ON committed (id);
ANALYZE committed;

INSERT INTO github.commits
SELECT commit_id, c.account_id, repository, pg_temp.sha(commit_id, 'commit '), d.login, c.id, t,
  t + pg_temp.seconds(CASE WHEN pg_temp.h(commit_id, 63) % 4 = 0 THEN 0 ELSE pg_temp.h(commit_id, 64) % 5400 END), additions, deletions
FROM committed c JOIN github.developers d ON d.id = c.account_id * 1000 + c.author_no
ORDER BY 1;
