import { expect, test } from 'vitest'
import { burst, deploy, type LateEvent, lateCache, lateLeak, otherMix, shorterSteps } from '../../test/late-events.ts'
import { cleanMixture, createRandom, type Mixture, type MixtureType, stepsOf } from '../../test/mixtures.ts'
import { Sentinel, type SentinelStep } from './sentinel.ts'

const KB = 1_000
const MB = 1_000_000

/** The demo's types, of which about 60 come between two collections. */
const DEMO: readonly MixtureType[] = [
  ...(['send', 'incoming'] as const).map((name) => ({ name, rate: 25, vary: 0.1 })),
  { name: 'bounce', rate: 5, vary: 0.1 },
  ...(['webhook', 'warm-up'] as const).map((name) => ({ name, rate: 2.5, vary: 0.1 })),
  ...(['invoice', 'import', 'figures'] as const).map((name) => ({ name, rate: 1, vary: 0.1 })),
]

/** The demo's worker. */
const QUIET: Omit<Mixture, 'seed' | 'steps'> = {
  types: DEMO,
  jitter: 0.5 * MB,
  isolates: { count: 2, life: 1_000 },
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1)

/** Types that are named at any time, each with the step. Asked after each `every` steps, from one of them on. */
function namedIn(steps: readonly SentinelStep[], every: number, from = 0): ReadonlyMap<string, number> {
  const sentinel = new Sentinel()
  const named = new Map<string, number>()
  for (const [n, step] of steps.entries()) {
    sentinel.add(step)
    if (n % every > 0 || n < from) continue
    for (const { name, suspect } of sentinel.estimates()) if (suspect && !named.has(name)) named.set(name, n)
  }
  return named
}

test.each<[string, Omit<Mixture, 'seed' | 'steps'>, string, leak: number, at: number]>([
  ['the demo’s', QUIET, 'send', 350 * KB, 130],
  ['its isolates replaced', { ...QUIET, isolates: { count: 2, life: 45 } }, 'send', 350 * KB, 130],
  ['after long', QUIET, 'send', 350 * KB, 470],
  [
    'wild readings',
    {
      types: [
        { name: 'a', rate: 40, vary: 0.5 },
        { name: 'b', rate: 40, vary: 0.5 },
      ],
      jitter: 1.5 * MB,
      sawtooth: { height: 5 * MB, every: 12 },
    },
    'b',
    100 * KB,
    200,
  ],
  [
    'a type in one step of two',
    {
      types: [
        { name: 'often', rate: 100, vary: 0.5 },
        { name: 'seldom', rate: 0.7 },
      ],
      jitter: MB,
    },
    'seldom',
    2 * MB,
    100,
  ],
])('a leak that begins late is named within 64 steps, and nobody else: %s', (_, mixture, name, leak, at) => {
  for (const seed of seeds(4)) {
    const shorter = shorterSteps(0.55)([...stepsOf({ seed, steps: at + 64, ...mixture })], at, seed)
    const named = namedIn(lateLeak(name, leak)(shorter, at, seed), 3, at - 30)
    expect([...named.keys()]).toEqual([name])
    expect(named.get(name)).toBeGreaterThan(at)
  }
})

test('a leak that began late stays named until it has filled the window, and says what it leaves since', () => {
  const sentinel = new Sentinel()
  const mixture = { ...QUIET, isolates: { count: 2, life: 100 } }
  const steps = lateLeak('send', 350 * KB)([...stepsOf({ seed: 7, steps: 720, ...mixture })], 150, 7)
  for (const [n, step] of steps.entries()) {
    sentinel.add(step)
    if (n < 200 || n % 16 > 0) continue
    const suspect = sentinel.suspect()
    expect(suspect?.name).toBe('send')
    expect(suspect?.low).toBeGreaterThan(100 * KB)
    expect(suspect?.high).toBeLessThan(600 * KB)
  }
})

test('a leak that ends soon after it has begun is named no more', () => {
  const sentinel = new Sentinel()
  const clean = [...stepsOf({ seed: 3, steps: 300, ...QUIET })]
  const leaking = lateLeak('send', 350 * KB)(clean, 150, 3)
  for (const step of [...leaking.slice(0, 210), ...clean.slice(210, 260)]) sentinel.add(step)
  expect(sentinel.suspect()).toBeUndefined()
})

/**
 * Workers that leak nothing, asked all along. Of 200 made-up ones 5 name somebody at some time within 512 steps, with and
 * without a look at what began late; 5 to 7 when something happens to them, of which that look adds one: mostly in the first
 * steps, of which nobody can tell whether they are a beginning.
 */
const CLEAN = { workers: 30, steps: 320, every: 10 } as const

const EVENTS: readonly (readonly [name: string, event: LateEvent])[] = [
  ['a cache that fills late', lateCache],
  ['a burst of traffic', burst],
  ['another mix of types', otherMix],
  ['a deploy, all isolates at once', deploy],
]

test.each([
  ...EVENTS.map(([name, event]) => [name, 'a worker that leaks nothing', event, cleanMixture] as const),
  ...EVENTS.map(([name, event]) => [name, 'a quiet one', event, (seed: number) => ({ ...QUIET, seed })] as const),
])('%s hardly ever names somebody in %s', (_, _worker, event, mixtureOf) => {
  const named = seeds(CLEAN.workers).filter((seed) => {
    const at = Math.floor(64 + createRandom(seed)() * (CLEAN.steps - 128))
    const steps = [...stepsOf({ ...mixtureOf(seed, CLEAN.steps), steps: CLEAN.steps })]
    return namedIn(event(steps, at, seed), CLEAN.every).size > 0
  })
  expect(named.length).toBeLessThanOrEqual(2)
})
