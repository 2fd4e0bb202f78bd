import { OptionError } from '@isobar/core'

/** Longest id, name, queue, key or tenant, in characters. */
const MAX_TEXT = 1_000

/** What keys of the broker's own start with, after the prefix: no queue may have this name. */
const OWN = 'isobar'

/** What a queue of BullMQ has keys for: no job may have such an id. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['', 'active', 'wait', 'waiting-children', 'paused', 'id', 'delayed', 'prioritized', 'stalled-check', 'completed'],
  ...['failed', 'stalled', 'repeat', 'limiter', 'meta', 'events', 'pc', 'marker', 'de', 'dn', 'metrics', OWN],
])

/** The keys of a broker. */
export class Keys {
  readonly prefix: string
  /** The set of queues that this prefix has or had. */
  readonly queues: string
  /** The hash of schedules and their last ticks. */
  readonly schedules: string

  constructor(prefix: string) {
    this.prefix = prefix
    this.queues = `${prefix}:${OWN}:queues`
    this.schedules = `${prefix}:${OWN}:schedules`
  }

  /**
   * What all keys of a queue start with.
   * @throws {OptionError} for a name that BullMQ does not take.
   */
  base(queue: string): string {
    if (queue === '' || queue === OWN || queue.includes(':') || queue.length > MAX_TEXT) {
      throw new OptionError(
        `queue ${JSON.stringify(queue.slice(0, 100))} must have 1 to ${MAX_TEXT} characters and no colon, as BullMQ wants it, and not be ${OWN}, whose keys are the broker's own`,
      )
    }
    return `${this.prefix}:${queue}:`
  }

  marker(queue: string): string {
    return `${this.base(queue)}marker`
  }
}

/** The keys of several queues, each once, for a script that takes them as `KEYS`. */
export class Bases {
  readonly #keys: Keys
  readonly #first: readonly string[]
  readonly #places = new Map<string, number>()
  readonly #bases: string[] = []

  /** `first`: keys that come before. */
  constructor(keys: Keys, ...first: readonly string[]) {
    this.#keys = keys
    this.#first = first
  }

  get keys(): string[] {
    return [...this.#first, ...this.#bases]
  }

  /** The place of a queue's base among the keys, counted from 1 as Lua does. */
  place(queue: string): number {
    let place = this.#places.get(queue)
    if (place === undefined) {
      place = this.#first.length + this.#bases.push(this.#keys.base(queue))
      this.#places.set(queue, place)
    }
    return place
  }
}

/** A job as Redis knows it: without a queue it is looked for in all. */
export interface JobKey {
  readonly queue: string
  readonly id: string
}

const NUMBERED = /^[0-9]+$/
const QUALIFIED = /^([^:]+):([0-9]+)$/

/**
 * The id of a job to the outside. BullMQ numbers the jobs of each queue that were given no id, so that these are told
 * apart only with their queue: `email:17`.
 */
export function toId(queue: string, id: string): string {
  return NUMBERED.test(id) ? `${queue}:${id}` : id
}

/** The job that an id means. */
export function toJobKey(id: string): JobKey {
  const [, queue, number] = QUALIFIED.exec(id) ?? []
  return queue !== undefined && number !== undefined ? { queue, id: number } : { queue: '', id }
}

/** @throws {OptionError} for an id that BullMQ would mistake for something else. */
export function assertId(id: string, name: string): void {
  if (!id.includes(':') && !NUMBERED.test(id) && !RESERVED.has(id) && id.length <= MAX_TEXT) return
  throw new OptionError(
    `id ${JSON.stringify(id.slice(0, 100))} of job ${name.slice(0, 100)} must have 1 to ${MAX_TEXT} characters, no colon, not be a number nor a word that BullMQ uses itself, such as wait`,
  )
}

/** @throws {OptionError} for a text that is too long. */
export function assertText(field: string, text: string | undefined, name: string): void {
  if (text === undefined || text.length <= MAX_TEXT) return
  throw new OptionError(`${field} of job ${name.slice(0, 100)} must have at most ${MAX_TEXT} characters`)
}
