import type { Message } from '@cloudflare/workers-types'
import type { Priority, StoredJob } from '@isobar/core'
import { PRIORITIES, serializeError } from '@isobar/core/codec'
import type { ReadForeign } from './delivery.ts'

/** What a message that somebody else sent is, in isobar's terms. */
export interface ForeignJob {
  /** The job type's name. */
  readonly name: string
  /** Its data: JSON, as `enqueue` would be given it. */
  readonly data?: unknown
  /** Default: the message's. */
  readonly id?: string
  /** Default `normal`. */
  readonly priority?: Priority
  readonly tenant?: string
}

/**
 * Says which job a message is that isobar did not send; undefined when it is none, which makes it a dead letter.
 * What it throws makes it one, too.
 */
export type ForeignMapping = (message: Message, queue: string) => ForeignJob | undefined

/**
 * Takes messages that isobar did not send, as the jobs that a mapping says.
 *
 * @example
 * toWorker<Env>(app, { deadLetter: 'DLQ', foreign: foreignJobs(({ body }) => ({ name: 'file.index', data: body })) })
 */
export function foreignJobs(map: ForeignMapping): ReadForeign {
  return (message, queue, unreadable) => fromForeign(unreadable, () => map(message, queue))
}

function fromForeign(unreadable: StoredJob, map: () => ForeignJob | undefined): StoredJob {
  try {
    const found = map()
    if (!found) return unreadable
    const { name, data = null, id = unreadable.id, priority = 'normal', tenant } = found
    // Another name than a string would come back for ever: it is nobody's, and cannot be sent.
    if (typeof name !== 'string' || typeof id !== 'string' || !PRIORITIES.includes(priority))
      throw new TypeError('it answered a name, id or priority that cannot be')
    // As text it is checked when it is read, as all data is.
    const text = JSON.stringify(data)
    return { ...unreadable, id, name, priority, ...(tenant !== undefined && { tenant }), payload: { text } }
  } catch (error) {
    const problem = `the mapping of foreign messages failed: ${serializeError(error).message}`
    return { ...unreadable, payload: { ...unreadable.payload, problem } as StoredJob['payload'] }
  }
}
