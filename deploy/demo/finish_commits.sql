-- Gives the commits of all repositories their numbers, in the order in which they landed.
SET client_min_messages = warning;
CREATE TABLE commits AS
  SELECT (row_number() OVER (ORDER BY committed_at, repository, sha))::int4 AS id, * FROM loaded_commits ORDER BY 1;
ALTER TABLE commits ADD PRIMARY KEY (id);
DROP TABLE loaded_commits;
VACUUM (ANALYZE, FREEZE) commits;
