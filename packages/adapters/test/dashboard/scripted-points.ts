import type { LivePoint } from '../../src/http/contract.ts'

/** When the script begins, in ms since the epoch. */
export const STARTED_AT: number = Date.UTC(2026, 4, 12, 9, 30)

const LIMIT = 256e6

/** Seconds between two recycles of an isolate. */
const LIFE = 180

const wave = (second: number, period: number): number => Math.sin((second / period) * 2 * Math.PI)

/**
 * Second after second of a worker with two isolates, whose job type `csv.import` begins to leak at second 300: what the
 * sentinel says of it, memory that climbs until the isolate is recycled, and queues that fill.
 */
export function scriptedPoint(second: number): LivePoint {
  const leaks = second >= 300
  const sure = 1 + 40 / (1 + second)
  const leak = leaks ? 48e3 * (1 - Math.exp(-(second - 300) / 60)) : 0
  const slots = [0, 1].map((slot): LivePoint['slots'][number] => {
    const age = (second + slot * 90) % LIFE
    const total = 38e6 + 4e6 * ((age * 7) % 3) + (leaks ? age * 1e6 : age * 5e4)
    return [slot, total, total * 1.4, LIMIT, age * 40, 'active']
  })
  return {
    at: STARTED_AT + second * 1_000,
    done: Math.round(80 + 20 * wave(second, 120) + 8 * wave(second, 7)),
    retried: second % 9 === 0 ? 3 : 0,
    dead: second % 40 === 0 ? 1 : 0,
    released: 0,
    running: 20,
    buffered: 40,
    p50: 11 + 2 * wave(second, 60),
    p99: 90 + 40 * wave(second, 45) + (leaks ? 60 : 0),
    loopDelay: 3,
    memory: { total: 61e6, rss: 104e6, limit: 1e9 },
    types: [
      // Few jobs of these have run, or none.
      ['report.nightly', 420e3, -1e6, 1.84e6, 0],
      ['csv.import', leak + 200 * wave(second, 80), leak - 4e3 * sure, leak + 4e3 * sure, second >= 340 ? 1 : 0],
      ['invoice.pdf', 900 + 200 * wave(second, 90), 900 - 2e3 * sure, 900 + 2e3 * sure, 0],
      ['email.send', 12 + 9 * wave(second, 50), -300 * sure, 320 * sure, 0],
      ['email.incoming', -20 + 30 * wave(second, 70), -500 * sure, 480 * sure, 0],
      ['webhook.call', 3, second < 60 ? null : -100, second < 60 ? null : 120, 0],
      ['analytics.aggregate', 0, null, null, 0],
    ],
    slots,
    queues: [
      ['email-sending', Math.round(120 + 100 * wave(second, 300)), 4, 20, 2, 900 + 800 * wave(second, 300), 0],
      ['email:processing', Math.round(30 + 20 * wave(second, 100)), 0, 8, 1, 200, 0],
      ['bulk', leaks ? (second - 300) * 2 : 0, 0, 0, 0, leaks ? (second - 300) * 400 : 0, second > 400 ? 1 : 0],
    ],
    recycles: [0, 1]
      .filter((slot) => second > 0 && (second + slot * 90) % LIFE === 0)
      .map((slot) => [slot, 'memory', `total memory 218.0 MB reached 217.6 MB of 256.0 MB, ${formatLeak(leak)} a job`]),
  }
}

function formatLeak(bytes: number): string {
  return `${(bytes / 1e3).toFixed(1)} kB`
}
