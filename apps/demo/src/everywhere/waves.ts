import type { JobSpec } from '@isobar/core'
import type { Fate } from '../fate.ts'
import { type Ledger, LedgerKeeper } from '../ledger.ts'
import { createTrace, type Trace, toJobSpec } from '../trace.ts'
import { PROBE_ATTEMPTS, probeMailbox } from './probing.ts'

/** Of all jobs: those that ask for the same once more, and the probes. */
const REPEATED = 0.08
const PROBED = 0.02

/** What is asked for once more. */
const REPEATABLE: ReadonlySet<Fate['kind']> = new Set(['incoming', 'send', 'busy', 'rejected'])

/** Jobs that go out at once. The next wave goes out when they, and what they have enqueued, have come to their ends. */
export interface Wave {
  readonly specs: readonly JobSpec[]
  /** Jobs that have come to an end after it, those of the waves before included. */
  readonly ended: number
  /** Dead letters after it, likewise. */
  readonly dead: number
}

/** Mixed jobs, the same wherever they are made, and what must become of them. */
export interface Waves {
  readonly waves: readonly Wave[]
  readonly expected: Ledger
}

/** The trace with probes of mailboxes in between; then the same e-mails once more, under ids of their own. */
export function createWaves(jobs: number): Waves {
  const probes = Array.from({ length: Math.floor(jobs * PROBED) }, (_, index) => toProbe(index))
  const repeated = Math.floor(jobs * REPEATED)
  const trace = createTrace({ jobs: jobs - probes.length - repeated })
  const first = [...Array.from({ length: trace.jobs }, (_, index) => toJobSpec(trace.at(index))), ...probes]
  const second = toRepeats(trace, repeated)
  const ledger = foresee(trace, probes.length, second.length)
  const dead = Object.values(ledger.dead).reduce((sum, count) => sum + count, 0)
  const ended = first.length + trace.followUps
  return {
    waves: [
      { specs: first, ended, dead },
      { specs: second, ended: ended + second.length, dead },
    ],
    expected: ledger,
  }
}

/** Whether an id is the same on every platform: that of a job of the waves, or of a step that follows from one. */
export function isOwnId(id: string): boolean {
  return /^(job|again-job|probe)-\d+(\.\d+)?$/.test(id)
}

function silentOf(index: number): number {
  return index % (PROBE_ATTEMPTS + 1)
}

function toProbe(index: number): JobSpec {
  const { name, queue, priority } = probeMailbox
  const data = { address: `probe-${index}@recipient.example`, silent: silentOf(index) }
  return { id: `probe-${index}`, name, queue, priority, text: JSON.stringify(data), delayMs: 0 }
}

function toRepeats(trace: Trace, most: number): JobSpec[] {
  return Array.from({ length: trace.jobs }, (_, index) => index)
    .filter((index) => REPEATABLE.has(trace.fateOf(index).kind))
    .slice(0, most)
    .map((index) => {
      const spec = toJobSpec(trace.at(index))
      return { ...spec, id: `again-${spec.id}` }
    })
}

function foresee({ expected }: Trace, probes: number, repeats: number): Ledger {
  const keeper = new LedgerKeeper()
  keeper.adopt(expected)
  for (let index = 0; index < probes; index++) {
    const silent = silentOf(index)
    keeper.countRetried(Math.min(silent, PROBE_ATTEMPTS - 1))
    if (silent < PROBE_ATTEMPTS) keeper.countDone()
    else keeper.countDead('exhausted')
  }
  keeper.countDone(repeats)
  return keeper.toLedger()
}
