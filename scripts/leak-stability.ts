/**
 * `pnpm leak:stability [COUNT]`: so many verdicts in a row on clean handlers, 1,000 by default, in the short form. None of
 * them may be LEAK. Ends with a line such as `1000 verdicts: 996 flat, 4 undecided, 0 leak, 0 failed`, and with exit code 1
 * when a clean handler was called a leak, or could not be judged.
 */
import { runZoo, ZOO, type ZooResult } from '@isobar/leak-harness'

/** Clean handlers that are as they will be after a few hundred jobs: nothing in them fills up or comes in waves. */
const CLEAN: readonly string[] = [
  'noop',
  'parsing',
  'template-dropped',
  'weak-map',
  'abort-signals',
  'timers-cleared',
  'async-local',
  'failing',
  'files-closed',
]

/** Jobs of the short form. */
const JOBS = 500

const count = Number(process.argv[2] ?? 1_000)
if (!Number.isSafeInteger(count) || count < 1) {
  console.error(`${process.argv[2]} is no number of verdicts; give a whole number of 1 or more`)
  process.exit(2)
}
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())

const total: Record<ZooResult['verdict'], number> = { flat: 0, undecided: 0, leak: 0, failed: 0 }
const startedAt = performance.now()
const cases = ZOO.filter(({ name }) => CLEAN.includes(name))
if (cases.length !== CLEAN.length) throw new Error('the zoo has not all of these handlers: mend the list above')
for (let seed = 1, left = count; left > 0 && !interrupted.signal.aborted; seed++, left -= cases.length) {
  await runZoo({
    cases: cases.slice(0, left),
    seeds: [seed],
    jobs: JOBS,
    signal: interrupted.signal,
    onResult: ({ name, verdict, because }) => {
      total[verdict]++
      if (verdict !== 'flat') console.log(`${verdict} ${name}, seed ${seed}: ${because}`)
    },
  })
  const done = Object.values(total).reduce((sum, one) => sum + one, 0)
  if (seed % 10 === 0) console.log(`${done} verdicts after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
}
const done = Object.values(total).reduce((sum, one) => sum + one, 0)
console.log(
  `${done} verdicts: ${Object.entries(total)
    .map(([verdict, n]) => `${n} ${verdict}`)
    .join(', ')}`,
)
process.exit(total.leak + total.failed === 0 ? 0 : 1)
