import type { Delivery, Lost } from '../broker.ts'
import type { Entry } from './entry.ts'
import { Heap } from './heap.ts'

/**
 * Who holds which job, until when. A lease is proven by its fencing token, which no two deliveries share. The lease of a
 * job that was cancelled is revoked: kept until its owner is told or it ends, so that the owner hears `canceled`.
 */
export class Leases {
  /** Held and revoked ones: a revoked one is forgotten when it ends. */
  readonly #line = new Heap<Entry>((a, b) => a.leaseUntil < b.leaseUntil)
  readonly #revoked = new Map<unknown, Entry>()
  #lastToken = 0

  grant(entry: Entry, until: number): void {
    entry.token = ++this.#lastToken
    entry.leaseUntil = until
    this.#line.push(entry)
  }

  extend(entry: Entry, until: number): void {
    entry.leaseUntil = until
    this.#line.update(entry)
  }

  end(entry: Entry): void {
    this.#line.remove(entry)
  }

  revoke(entry: Entry): void {
    this.#revoked.set(entry.token, entry)
  }

  /** Why a delivery that does not hold its job has lost it. */
  reason(delivery: Delivery): Lost['reason'] {
    return this.#revoked.has(delivery.token) ? 'canceled' : 'lease'
  }

  /** The owner of a revoked lease has been told and is done with it. */
  forget(delivery: Delivery): void {
    const entry = this.#revoked.get(delivery.token)
    if (!entry) return
    this.#line.remove(entry)
    this.#revoked.delete(entry.token)
  }

  /** When the first lease ends, ms since the epoch; Infinity when there is none. */
  nextEnd(): number {
    return this.#line.peek()?.leaseUntil ?? Number.POSITIVE_INFINITY
  }

  /** Takes out the leases that are over; the jobs that were still held go to `expired`. */
  expire(now: number, expired: (entry: Entry) => void): void {
    for (let next = this.#line.peek(); next && next.leaseUntil <= now; next = this.#line.peek()) {
      this.#line.remove(next)
      if (!this.#revoked.delete(next.token)) expired(next)
    }
  }
}
