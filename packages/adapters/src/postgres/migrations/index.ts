import { claim } from './0001-claim.ts'
import { dead } from './0001-dead.ts'
import { enqueue } from './0001-enqueue.ts'
import { tables } from './0001-jobs.ts'
import { maintain } from './0001-maintain.ts'
import { settle } from './0001-settle.ts'
import { chargedCrash } from './0002-charged-crash.ts'
import { trace } from './0003-trace.ts'

/** One step forward of the schema. `s` is the schema's name quoted, `schema` the name itself. */
export type Migration = (s: string, schema: string) => string

/** Characters of a schema's tag: enough to tell apart those whose ids somebody may still know. */
const TAG_LENGTH = 5

/**
 * The steps, in their order: the version of a schema is how many of them it has taken. A step that was released is never
 * changed. Functions keep their arguments, so that workers of the version before go on while a new one rolls out; what
 * needs others gets a new name.
 */
export const MIGRATIONS: readonly Migration[] = [
  (s, schema) => [tables(s, createTag()), enqueue(s), claim(s), settle(s), dead(s), maintain(s, schema)].join('\n'),
  chargedCrash,
  trace,
]

/** Letters and digits that begin the ids of a schema's jobs. */
function createTag(): string {
  return `j${crypto.randomUUID().replaceAll('-', '').slice(0, TAG_LENGTH)}`
}
