-- The generated data of deploy/catalogs/engineering, small.
\set pull_requests 4000
\ir ../../../deploy/catalogs/engineering/schema.sql
\ir ../../../deploy/catalogs/engineering/generate.sql
-- For the hand-written SQL, which asks for the children of one row at a time.
CREATE INDEX ON github.commits (pull_request_id);
CREATE INDEX ON github.review_requests (pull_request_id);
CREATE INDEX ON github.reviews (pull_request_id);
CREATE INDEX ON github.review_comments (pull_request_id);
CREATE INDEX ON github.comments (pull_request_id);
CREATE INDEX ON github.check_runs (pull_request_id);
CREATE INDEX ON github.check_runs (commit_id);
CREATE INDEX ON github.check_suites (pull_request_id);
CREATE INDEX ON jira.pull_request_issues (issue_id);
CREATE INDEX ON deploy.deployed_pull_requests (pull_request_id);
ANALYZE;
