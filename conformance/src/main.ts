/**
 * `main.ts SUITE…`: runs conformance suites in the runtime that runs this, without any test runner. Writes JSON lines:
 * first who the runtime is, then one a case, then a summary. Exits with 1 when a case failed or never ended, with 2 when
 * asked for what there is not. `DATABASE_URL` names a database of its own, `CONFORMANCE_FOLDER` an empty folder,
 * `REDIS_URL` a server in which nobody else has keys that start with `CONFORMANCE_PREFIX`.
 */
import process from 'node:process'
import { identify } from './identity.ts'
import { runCases } from './run-cases.ts'
import { type Place, SUITES, type Suite, type SuiteName, suitesOf } from './suites.ts'

/** How long a case may take, in ms. */
const BOUND_MS = 60_000

const write = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)

const asked = process.argv.slice(2)
const identity = identify()
const known: readonly string[] = suitesOf(identity.runtime)
const unknown = asked.filter((name) => !known.includes(name))
if (asked.length === 0 || unknown.length > 0) {
  console.error(`no suite ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(2)
}

/** The variable that says each part of the place. */
const VARIABLES: Readonly<Record<keyof Place, string>> = {
  databaseUrl: 'DATABASE_URL',
  folder: 'CONFORMANCE_FOLDER',
  redisUrl: 'REDIS_URL',
  prefix: 'CONFORMANCE_PREFIX',
}
const read = (part: keyof Place): string => process.env[VARIABLES[part]] ?? ''
const place: Place = {
  databaseUrl: read('databaseUrl'),
  folder: read('folder'),
  redisUrl: read('redisUrl'),
  prefix: read('prefix') || 'conformance',
}
for (const suite of asked) {
  const { needs }: Suite = SUITES[suite as SuiteName]
  if (needs === undefined || place[needs]) continue
  console.error(`${suite} needs ${VARIABLES[needs]}`)
  process.exit(2)
}

write(identity)
const total = { passed: 0, failed: 0 }
for (const suite of asked) {
  const { cases, atOnce }: Suite = SUITES[suite as SuiteName]
  await runCases(cases(place), {
    atOnce,
    boundMs: BOUND_MS,
    tell(result) {
      total[result.ok ? 'passed' : 'failed']++
      write({ suite, ...result })
    },
  })
}
// A process that has passed ends by itself: nothing of what was disposed may hold it. One that has failed may be held.
if (total.failed === 0) write(total)
else process.stdout.write(`${JSON.stringify(total)}\n`, () => process.exit(1))
