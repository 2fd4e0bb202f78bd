import type { JobSpec } from './broker.ts'
import { IsobarError } from './errors.ts'

/** A broker's record of schedules: the last tick of each that was enqueued. So there is one job a tick, whoever asks. */
export interface Ticks {
  /**
   * The last tick that was enqueued for a schedule, ms since the epoch. The first call for a name that is not known
   * records now, and answers that.
   */
  last(name: string): Promise<number>
  /**
   * Enqueues the job of a tick (ms since the epoch), in one transaction with the record. False, and nothing is changed,
   * when this tick or a later one was enqueued already. A job that is refused leaves the record as it was.
   * @throws {IsobarError} `TICK_AHEAD` for a tick that is more than an hour ahead of the broker's clock (`checkTick`).
   */
  send(name: string, tick: number, spec: JobSpec): Promise<boolean>
}

/** How far a tick may be ahead of the broker's clock, in ms. */
export const MAX_TICK_AHEAD_MS = 3_600_000

/**
 * For brokers: refuses a tick that is more than an hour ahead of the broker's clock, `now`. Once it were recorded, no
 * scheduler could enqueue a tick before it: one machine with a wrong clock would silence the schedule of all.
 * @throws {IsobarError} `TICK_AHEAD`.
 */
export function checkTick(broker: string, schedule: string, tick: number, now: number): void {
  if (tick <= now + MAX_TICK_AHEAD_MS) return
  throw new IsobarError(
    'TICK_AHEAD',
    `broker ${broker} takes no tick of schedule ${schedule} that is more than an hour ahead of its clock, as ${new Date(tick).toISOString()} is; set the clock of this machine`,
  )
}
