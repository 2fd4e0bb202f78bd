import type { Want } from '@isobar/core'
import type { Connection, Value } from './connection.ts'
import { type Claimed, type Row, toClaimed } from './deliveries.ts'
import { isReply, RedisError } from './errors.ts'
import { Bases, type Keys } from './keys.ts'
import type { BullmqSettings } from './options.ts'

/** Jobs in one answer of `receive`: a script runs alone, and others wait for it. */
const MAX_CLAIM = 250

/** Bytes of data in one answer of `receive`, about: what a worker holds is bounded in bytes too. */
const MAX_CLAIM_BYTES = 32_000_000

/** Between two looks for jobs that workers of BullMQ left behind, in ms, as often as BullMQ's own workers look. */
const LOOK_MS = 30_000

/** Claims whose answer never arrived that are remembered. Older ones end with their leases. */
const MAX_ORPHANS = 16

/** What a claim answered. */
export interface Claims {
  readonly claimed: readonly Claimed[]
  /** When something may be due next, in ms from now; undefined when nothing is known to be. */
  readonly nextMs: number | undefined
}

/** A claim that was sent and not answered: whether it was done is not known. */
interface Orphan {
  readonly token: string
  /** Where what it may have claimed is still to be put back. */
  readonly queues: Set<string>
}

/** Claims jobs, and puts back what a claim took whose answer was lost. */
export class Claimer {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #settings: BullmqSettings
  #orphans: readonly Orphan[] = []

  constructor(connection: Connection, keys: Keys, settings: BullmqSettings) {
    this.#connection = connection
    this.#keys = keys
    this.#settings = settings
  }

  async claim(want: Want): Promise<Claims> {
    const queues = want.queues.filter(({ max }) => max >= 1)
    const room = Math.min(Math.floor(want.max), MAX_CLAIM)
    if (!(room >= 1) || queues.length === 0) return { claimed: [], nextMs: undefined }
    const bases = new Bases(this.#keys, this.#keys.queues)
    // A queue that is named twice is asked for once.
    const most = new Map<string, number>()
    for (const { name, max } of queues) most.set(name, Math.max(most.get(name) ?? 0, Math.min(Math.floor(max), room)))
    for (const name of most.keys()) bases.place(name)
    const token = `${crypto.randomUUID()}:`
    const orphans = this.#orphans
    const values: Value[] = [
      ...[this.#keys.prefix, token, Math.ceil(want.leaseMs), want.workerId, room, MAX_CLAIM_BYTES, LOOK_MS],
      ...[orphans.length, ...orphans.map((orphan) => orphan.token)],
      ...most.values(),
    ]
    const leaseUntil = Date.now() + want.leaseMs
    const answer = await this.#run(bases.keys, values, { token, queues: new Set(most.keys()) })
    this.#settle(orphans, most)
    const [now, next, ...rows] = answer
    const names = [...most.keys()]
    return {
      claimed: rows.map((row) => toClaimed(row, names, leaseUntil, this.#settings)),
      nextMs: next > 0 ? next - now : undefined,
    }
  }

  async #run(keys: readonly string[], values: readonly Value[], claim: Orphan): Promise<[number, number, ...Row[]]> {
    try {
      return (await this.#connection.run('receive', 'claim', keys, values)) as [number, number, ...Row[]]
    } catch (error) {
      if (error instanceof RedisError && !isReply(error.cause)) {
        this.#orphans = [...this.#orphans, claim].slice(-MAX_ORPHANS)
      }
      throw error
    }
  }

  /** Those that were put back are no orphans any more, in the queues that were looked at. */
  #settle(seen: readonly Orphan[], looked: ReadonlyMap<string, unknown>): void {
    if (seen.length === 0) return
    for (const { queues } of seen) for (const name of looked.keys()) queues.delete(name)
    this.#orphans = this.#orphans.filter(({ queues }) => queues.size > 0)
  }
}
