/** What `leak-harness --help` prints: what works in this version, and nothing else. */
export const HELP: string = `Replays a module's jobs and says whether memory a job is flat.

Usage
  leak-harness run <module> [options]
  leak-harness run --worker wrangler.jsonc --queue emails [options]
  leak-harness run --bullmq processor.js [options]
  leak-harness compare A.json B.json
  leak-harness zoo [options]

<module> is an ES module (TypeScript too). Its default export is an isobar app or a handler, (job) => unknown.
It may export makeData(i), or makeJob(i) for an app, and harness = { setup, teardown, vary, lifetime, ... }.

Options
  --worker wrangler.jsonc   judge this Cloudflare Worker as it stands, in place of a module
  --queue emails            the queue whose messages it gets
  --batch 10                messages of a batch
  --bullmq processor.js     judge this BullMQ processor as it stands, in place of a module
  --runtime node            where to run it: node, workerd, deno, bun (may be several: node,deno)
  --jobs 10000              jobs that are judged
  --warmup 2000             jobs before them
  --concurrency 1           jobs at once
  --trace jobs.jsonl        replay these: { "name"?, "data", "attempt"? } a line
  --budget heap=1,rss=256   what may grow by a job: heap, external, rss (bytes) and handles
  --time 60s                how long the weighing may take
  --stall 30s               how long no job may finish
  --seed 1                  seed of the resampling
  --outbound block          whether jobs may reach the network, where the runtime can tell: block, allow
  --import tsx              load this first (may be given again)
  --bleed                   find job types whose state reaches other jobs, too
  --controls                judge a known leak and a known clean handler first, and fail unless both come out right
  --allow-undecided         exit 0 when undecided
  --baseline FILE           let leaks pass that this file accepts, until they grow
  --update-baseline         write what leaks to that file
  --reporter terminal       terminal, json, html, junit, github (may be several: terminal,html)
  --out DIR                 write report.json, .html, .xml and summary.md there; without it one of these goes to standard output
  --help, --version

compare sets two JSON reports side by side, and says which leaks are new, have grown or are gone.

zoo judges handlers of known truth that come with the harness, and says where it was right.
  --only NAME,NAME          these alone
  --runtime node            where: node, workerd, deno, bun (may be several)
  --seeds 1                 each with so many seeds, from --seed on
  --every 1,1000            leak once in so many jobs: each of these rates, or the nearest for the case
  --jobs 10000              jobs that are judged
  --concurrency 2           cases at once
  --time 60s                how long the weighing of each may take
  --reporter terminal       terminal, json, markdown
  --out DIR                 write zoo.json and zoo.md there, zoo-deno-bun.md for other runtimes

Exit codes
  0 flat, 1 leak or bleeding, 2 undecided, 3 the run failed
  compare: 0 nothing got worse, 1 a leak is new or has grown, 2 what was flat is undecided, 3 what had a verdict has none
  zoo: 0 all right, 1 a leak missed or a flat handler accused, 2 over 5 % undecided, 3 a run failed
`
