/** What `leak-harness --help` prints: what works in this version, and nothing else. */
export const HELP: string = `Replays a module's jobs and says whether memory a job is flat.

Usage
  leak-harness run <module> [options]

<module> is an ES module (TypeScript too). Its default export is an isobar app or a handler, (job) => unknown.
It may export makeData(i), or makeJob(i) for an app, and harness = { setup, teardown, vary, lifetime, ... }.

Options
  --runtime node            where to run it
  --jobs 10000              jobs that are judged
  --warmup 2000             jobs before them
  --concurrency 1           jobs at once
  --trace jobs.jsonl        replay these: { "name"?, "data", "attempt"? } a line
  --budget heap=1,rss=256   what may grow by a job: heap, external, rss (bytes) and handles
  --time 60s                how long the weighing may take
  --stall 30s               how long no job may finish
  --seed 1                  seed of the resampling
  --import tsx              load this first (may be given again)
  --bleed                   find job types whose state reaches other jobs, too
  --controls                judge a known leak and a known clean handler first, and fail unless both come out right
  --allow-undecided         exit 0 when undecided
  --reporter terminal       terminal, json (may be both: terminal,json)
  --out DIR                 write report.json there; without it JSON goes to standard output
  --help, --version

Exit codes
  0 flat, 1 leak or bleeding, 2 undecided, 3 the run failed
`
