// Runs the specs of the benchmark through Polars (nodejs-polars), lazily and collected at once, and
// prints a line of JSON each. POLARS_MAX_THREADS sets the threads.
//
//   node polars.mjs '{"modules": DIR, "specs": FILE, "data": {"pr": PARQUET}, "results": DIR,
//                     "runs": 7, "clients": [], "seconds": 5}'

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const flags = JSON.parse(process.argv[2]);
const pl = createRequire(`${flags.modules}/`)('nodejs-polars').default;
const threads = Number(process.env.POLARS_MAX_THREADS ?? 1);
const specs = JSON.parse(readFileSync(flags.specs, 'utf8'));

const CATEGORIES = new Set([
  'id1', 'id2', 'id3', 'repository', 'author', 'base_branch', 'environment', 'language',
  'jira_project', 'jira_priority', 'jira_type', 'k',
]);
const INSTANTS = new Set(['created', 'first_review', 'merged', 'closed', 'released', 'first_deployed']);

const argumentColumns = (x) => (Array.isArray(x) ? x.slice(1).flatMap(argumentColumns)
  : x?.diff ?? (x === undefined ? [] : [x]));

function columnsOf(spec) {
  const measures = spec.measures.flatMap((m) => [
    ...argumentColumns(m.x), m.y, m.min, m.max, m.num, m.den, ...(m.where ?? []).map((f) => f.col),
  ]);
  return [...spec.filters.map((f) => f.col), ...spec.keys.map((k) => k.col), ...measures]
    .filter((name) => name !== undefined);
}

function load(dataset) {
  const names = [...new Set(specs.filter((s) => s.dataset === dataset).flatMap(columnsOf))];
  const frame = pl.readParquet(flags.data[dataset], { columns: names });
  const instant = (name) => pl.col(name).dt.convertTimeZone('UTC').dt.replaceTimeZone(null)
    .cast(pl.Datetime('ms'));
  return frame.withColumns(
    ...names.filter((name) => CATEGORIES.has(name)).map((name) => pl.col(name).cast(pl.Categorical)),
    ...names.filter((name) => INSTANTS.has(name)).map(instant),
  );
}

const frames = Object.fromEntries(
  [...new Set(specs.map((spec) => spec.dataset))].map((name) => [name, load(name)]));

const utc = (text) => pl.lit(new Date(`${text.replace(' ', 'T')}Z`));
const anyOf = (f) => f.values.map((value) => pl.col(f.col).lst.contains(value))
  .reduce((left, right) => left.or(right));
const FILTERS = {
  eq: (f) => pl.col(f.col).eq(pl.lit(f.value)),
  in: (f) => pl.col(f.col).isIn(f.values),
  lt: (f) => pl.col(f.col).lt(f.value),
  ge: (f) => pl.col(f.col).gtEq(f.value),
  between: (f) => pl.col(f.col).gtEq(f.lo).and(pl.col(f.col).ltEq(f.hi)),
  range: (f) => pl.col(f.col).gtEq(utc(f.lo)).and(pl.col(f.col).lt(utc(f.hi))),
  is: (f) => (f.value ? pl.col(f.col) : pl.col(f.col).not()),
  null: (f) => pl.col(f.col).isNull(),
  not_null: (f) => pl.col(f.col).isNotNull(),
  any_of: anyOf,
  none_of: (f) => anyOf(f).not(),
};
const filterOf = (f) => FILTERS[f.op](f);
const allOf = (filters) => filters.map(filterOf).reduce((left, right) => left.and(right));

const local = (k) => pl.col(k.col).dt.replaceTimeZone('UTC').dt.convertTimeZone(k.tz)
  .dt.replaceTimeZone(null);
const TIME_KEYS = {
  week: (k) => local(k).dt.truncate('1w', '0s').cast(pl.Date),
  month1: (k) => local(k).dt.truncate('1mo', '0s').cast(pl.Date),
  day: (k) => local(k).cast(pl.Date),
};
const keyOf = (k) => (k.fn ? TIME_KEYS[k.fn](k).alias(k.as) : pl.col(k.col));

function argumentOf(x) {
  if (Array.isArray(x)) {
    const [left, right] = [argumentOf(x[1]), argumentOf(x[2])];
    return x[0] === '*' ? left.mul(right) : left.minus(right);
  }
  if (!x.diff) return pl.col(x);
  return pl.col(x.diff[0]).cast(pl.Int64).minus(pl.col(x.diff[1]).cast(pl.Int64)).div(1000);
}

const MEASURES = {
  count: () => pl.len(),
  sum: (m) => argumentOf(m.x).sum(),
  mean: (m) => argumentOf(m.x).mean(),
  min: (m) => argumentOf(m.x).min(),
  max: (m) => argumentOf(m.x).max(),
  median: (m) => argumentOf(m.x).median(),
  p95: (m) => argumentOf(m.x).quantile(0.95, 'linear'),
  stddev: (m) => argumentOf(m.x).std(),
  distinct: (m) => argumentOf(m.x).nUnique(),
  ratio: (m) => allOf(m.where).cast(pl.Float64).mean(),
  sum_ratio: (m) => pl.col(m.num).sum().cast(pl.Float64).div(pl.col(m.den).sum()),
  range: (m) => pl.col(m.max).max().minus(pl.col(m.min).min()),
  corr2: (m) => pl.pearsonCorr(m.x, m.y).pow(2),
  top2: (m) => pl.col(m.x).sort({ descending: true }).head(2),
};

function planOf(spec) {
  let plan = frames[spec.dataset].lazy();
  if (spec.filters.length > 0) plan = plan.filter(allOf(spec.filters));
  const measures = spec.measures.map((m) => MEASURES[m.fn](m).alias(m.as));
  if (spec.keys.length === 0) return plan.select(...measures);
  plan = plan.groupBy(spec.keys.map(keyOf)).agg(...measures);
  for (const m of spec.measures) if (m.fn === 'top2') plan = plan.explode(m.as);
  return plan;
}

const print = (line) => console.log(JSON.stringify({ engine: 'polars', threads, ...line }));
const at = (sorted, fraction) => sorted[Math.floor(fraction * (sorted.length - 1))];

function writeResult(spec) {
  let frame = planOf(spec).collectSync();
  if (spec.big) {
    const sums = spec.measures.map((m) => pl.col(m.as).cast(pl.Float64).sum().alias(m.as));
    frame = frame.select(pl.len().alias('rows'), ...sums);
  }
  frame.writeCSV(`${flags.results}/${spec.id}.csv`);
}

/// As Report::Measure of measurement.h.
function measure(spec) {
  const once = () => {
    const start = performance.now();
    const cpuStart = process.cpuUsage();
    planOf(spec).collectSync();
    const cpu = process.cpuUsage(cpuStart);
    cpuTimes.push((cpu.user + cpu.system) / 1000);
    return performance.now() - start;
  };
  let cpuTimes = [];
  const first = once();
  cpuTimes = [];
  const times = [];
  let spent = 0;
  while (!(times.length >= 3 && spent >= 20000)
         && !(times.length >= flags.runs && (spent >= 500 || times.length >= 10000))) {
    times.push(once());
    spent += times.at(-1);
  }
  times.sort((x, y) => x - y);
  cpuTimes.sort((x, y) => x - y);
  print({ query: spec.id, first_ms: first, median_ms: at(times, 0.5), min_ms: times[0],
    cpu_ms: at(cpuTimes, 0.5), runs: times.length });
}

/// As many promises in flight as clients. Each query in turn: 7 and their number, 12, have no
/// divisor in common.
async function measureClients(count) {
  const times = [];
  const start = performance.now();
  const end = start + 1000 * flags.seconds;
  let next = 0;
  await Promise.all([...Array(count)].map(async () => {
    while (performance.now() < end) {
      const asked = performance.now();
      await planOf(specs[(next++ * 7) % specs.length]).collect();
      times.push(performance.now() - asked);
    }
  }));
  const seconds = (performance.now() - start) / 1000;
  times.sort((x, y) => x - y);
  print({ query: `D.clients${count}`, clients: count, queries_per_s: times.length / seconds,
    median_ms: at(times, 0.5), p99_ms: at(times, 0.99) });
}

for (const count of flags.clients) await measureClients(count);
if (flags.clients.length === 0) {
  for (const spec of specs) {
    try {
      writeResult(spec);
      measure(spec);
    } catch (error) {
      console.error(`polars: ${spec.id}: ${String(error.message).slice(0, 300)}`);
    }
  }
}
