-- Tenants, repositories, developers, and some twenty teams that overlap.

CREATE TEMP TABLE tenants AS SELECT * FROM (VALUES
  (1, 'northwind', 'Europe/Berlin', 320, ARRAY['payments', 'search', 'platform', 'mobile', 'data', 'growth', 'web', 'sre', 'identity', 'design',
     'security', 'logistics', 'reporting', 'tooling'],
   ARRAY['checkout', 'ledger', 'catalog', 'search-api', 'gateway', 'ios-app', 'android-app', 'warehouse', 'ranking', 'storefront',
     'terraform', 'accounts', 'billing', 'notifications', 'design-system', 'fraud', 'shipping', 'pricing', 'inventory', 'events',
     'feature-flags', 'experiments', 'admin', 'reports', 'webhooks', 'monorepo-tools', 'sdk-java', 'sdk-python', 'sdk-js', 'docs',
     'status-page', 'load-tests', 'ml-models', 'ml-features', 'audit', 'tax', 'vouchers', 'returns', 'recommendations', 'crm-sync']),
  (2, 'contoso', 'America/New_York', 80, ARRAY['core', 'apps', 'infra', 'insights', 'customer-success', 'quality'],
   ARRAY['api', 'console', 'worker', 'scheduler', 'charts', 'agents', 'importer', 'exporter', 'auth', 'helm', 'website', 'cli'])
) t(account_id, organisation, zone, num_people, teams, repositories);

INSERT INTO github.repositories
SELECT account_id * 1000 + no, account_id, organisation || '/' || name,
  CASE WHEN no % 7 = 0 THEN 'master' ELSE 'main' END, CASE WHEN no % 3 = 1 THEN 'branch' ELSE 'tag' END
FROM tenants, unnest(repositories) WITH ORDINALITY r(name, no);

-- Developer `no` of a tenant, counted from 0, is the one that every draw of a person names.
INSERT INTO github.developers
SELECT account_id * 1000 + no, account_id,
  (ARRAY['ada', 'aisha', 'alan', 'amara', 'anna', 'bruno', 'carla', 'chen', 'dana', 'diego', 'edsger', 'elif', 'emma', 'farid',
         'grace', 'hana', 'igor', 'ines', 'jonas', 'kaito', 'lena', 'linus', 'maria', 'mei', 'nils', 'olga', 'omar', 'priya',
         'rosa', 'sven', 'tariq', 'yuki'])[1 + no % 32] || '-' || chr(97 + no / 32) || account_id,
  CASE WHEN no % 9 = 8 THEN 'Asia/Kathmandu' WHEN no % 9 = 7 THEN 'America/New_York' ELSE zone END, false
FROM tenants, generate_series(0, num_people - 1) no;
INSERT INTO github.developers
SELECT account_id * 1000 + 900 + no, account_id, bot, 'UTC', true
FROM tenants, unnest(ARRAY['dependabot[bot]', 'renovate[bot]', 'release-please[bot]']) WITH ORDINALITY b(bot, no);

INSERT INTO github.teams
SELECT account_id * 1000 + no, account_id, name FROM tenants, unnest(teams) WITH ORDINALITY t(name, no);

INSERT INTO github.team_members
SELECT DISTINCT d.account_id * 1000 + 1 + pg_temp.h(d.id, 400 + j) % cardinality(t.teams), d.account_id, d.login
FROM github.developers d JOIN tenants t USING (account_id), generate_series(0, 2) j
WHERE NOT d.is_bot AND (j = 0 OR pg_temp.h(d.id, 410 + j) % 100 < 25)
ORDER BY 1, 3;

INSERT INTO github.team_repositories
SELECT DISTINCT r.account_id * 1000 + 1 + pg_temp.h(r.id, 420 + j) % cardinality(t.teams), r.account_id, r.full_name
FROM github.repositories r JOIN tenants t USING (account_id), generate_series(0, 2) j
WHERE j = 0 OR pg_temp.h(r.id, 430 + j) % 100 < 45
ORDER BY 1, 3;
