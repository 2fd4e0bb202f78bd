import type { DeadLetter, DeadLetters } from '@isobar/core'
import { CAMPAIGNS } from '../fixtures.ts'
import type { BounceCounts } from '../resources.ts'
import { provider, store, tables } from './app.ts'
import type { JobRecord, Records } from './records.ts'

/** What became of jobs: the same everywhere, whatever the order in which they were done. */
export interface Outcomes {
  /** By the name of the job: how many jobs came to which end, after how many retries. */
  readonly types: Readonly<Record<string, TypeCounts>>
  /** By the job's own id. */
  readonly jobs: Readonly<Record<string, JobRecord>>
  /** Dead letters where the platform keeps them, by id. */
  readonly letters: Readonly<Record<string, LetterFacts>>
  /** What the handlers have left behind. */
  readonly left: {
    readonly mails: number
    readonly objects: number
    readonly contacts: number
    readonly rejected: number
    readonly bounces: Readonly<Record<string, BounceCounts>>
    readonly suppressing: Readonly<Record<string, number>>
  }
}

/** Jobs of a type by their ends, and the attempts that another one followed. */
export interface TypeCounts {
  open: number
  done: number
  dead: number
  retried: number
}

type LetterFacts = Pick<DeadLetter, 'name' | 'queue' | 'reason' | 'attempts' | 'crashes' | 'payload'> & {
  readonly error: string
}

/** Puts together what is known of a run that is over. */
export async function toOutcomes(records: Records, deadLetters: DeadLetters): Promise<Outcomes> {
  const bounces = await Promise.all(CAMPAIGNS.map(async ({ id }) => [id, await tables.database.bounces(id)] as const))
  return {
    types: countTypes(records.jobs.values()),
    jobs: toSorted(records.jobs),
    letters: toSorted(await readLetters(deadLetters)),
    left: {
      mails: provider.taken,
      objects: store.size,
      ...tables.office.sizes,
      bounces: Object.fromEntries(bounces),
      suppressing: toSorted(records.suppressing),
    },
  }
}

function countTypes(records: Iterable<JobRecord>): Record<string, TypeCounts> {
  const types = new Map<string, TypeCounts>()
  for (const { name, state, attempts } of records) {
    const counts = types.get(name) ?? { open: 0, done: 0, dead: 0, retried: 0 }
    types.set(name, counts)
    counts[state]++
    counts.retried += attempts.length - 1
  }
  return toSorted(types)
}

async function readLetters(deadLetters: DeadLetters): Promise<Map<string, LetterFacts>> {
  const letters = new Map<string, LetterFacts>()
  let cursor: string | undefined
  do {
    const page = await deadLetters.list(cursor === undefined ? {} : { cursor })
    for (const { id, name, queue, reason, attempts, crashes, payload, error } of page.items) {
      const { code = error.name, message } = error
      letters.set(id, { name, queue, reason, attempts, crashes, payload, error: `${code} ${message}` })
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return letters
}

function toSorted<Value>(map: ReadonlyMap<string, Value>): Record<string, Value> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
}
