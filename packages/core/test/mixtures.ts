import type { SentinelStep } from '../src/worker/sentinel.ts'

/** What a made-up worker does, with its truth. Sizes in bytes. */
export interface Mixture {
  readonly seed: number
  readonly types: readonly MixtureType[]
  /** Readings, but the first, of all isolates together. */
  readonly steps: number
  /** Standard deviation of each reading's own error: what was not yet collected, caches that come and go. */
  readonly jitter?: number
  /** Standard deviation a step of what wanders, and the most it wanders to. */
  readonly walk?: { readonly by: number; readonly within: number }
  /** Grows by the step to `height`, then falls back. */
  readonly sawtooth?: { readonly height: number; readonly every: number }
  /** Grows to `size`, by `1 - exp(-steps / fill)`. */
  readonly caches?: readonly { readonly size: number; readonly fill: number }[]
  /** Rises that happen once, each at a random step. */
  readonly jumps?: readonly number[]
  /** Isolates that run side by side, and how many steps each lives; one that lives for ever by default. */
  readonly isolates?: { readonly count: number; readonly life: number }
  /** Whether steps say whose they are; true by default. */
  readonly named?: boolean
}

export interface MixtureType {
  readonly name: string
  /** Mean jobs a step. */
  readonly rate: number
  /** Bytes that each job really leaves. */
  readonly leak?: number
  /** How much the rate varies from step to step: 0 constant, 1 exponentially distributed. */
  readonly vary?: number
}

/** Numbers from 0 to 1, from a seed. */
export type Random = () => number

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of standard normal distribution. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** One of a Poisson distribution; from a mean of 30 on the normal one rounded. */
function poisson(random: Random, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  let count = 0
  for (let left = Math.exp(-mean), product = random(); product > left; product *= random()) count++
  return count
}

/** The steps of a mixture: the same for the same seed. */
export function* stepsOf(mixture: Mixture): Generator<SentinelStep, void, undefined> {
  const { seed, steps, isolates = { count: 1, life: Number.POSITIVE_INFINITY }, named = true } = mixture
  const random = createRandom(seed)
  const jumps = new Map((mixture.jumps ?? []).map((size) => [Math.floor(random() * steps), size]))
  const running = Array.from({ length: isolates.count }, () => createIsolate(mixture, random))
  let born = 0
  const names = running.map(() => `isolate ${born++}`)
  for (let n = 0; n < steps; n++) {
    const which = n % isolates.count
    const age = Math.floor(n / isolates.count) % isolates.life
    if (age === 0 && n >= isolates.count) {
      running[which] = createIsolate(mixture, random)
      names[which] = `isolate ${born++}`
    }
    const jobs: Record<string, number> = {}
    let bytes = jumps.get(n) ?? 0
    for (const { name, rate, leak = 0, vary = 0 } of mixture.types) {
      const count = poisson(random, rate * (1 - vary - vary * Math.log(1 - random())))
      if (count > 0) jobs[name] = count
      bytes += count * leak
    }
    bytes += running[which]?.() ?? 0
    yield { bytes, jobs, at: n * 10_000, ...(named && { isolate: names[which] ?? '' }) }
  }
}

/** The growth of an isolate's noise from reading to reading. */
function createIsolate({ jitter = 0, walk, sawtooth, caches = [] }: Mixture, random: Random): () => number {
  let age = 0
  let wandered = 0
  const start = random() * (sawtooth?.every ?? 0)
  const level = (): number => {
    let sum = jitter * normal(random)
    if (walk) {
      wandered += walk.by * normal(random)
      if (Math.abs(wandered) > walk.within) wandered = Math.sign(wandered) * (2 * walk.within - Math.abs(wandered))
      sum += wandered
    }
    if (sawtooth) sum += (sawtooth.height * ((start + age) % sawtooth.every)) / sawtooth.every
    for (const { size, fill } of caches) sum += size * (1 - Math.exp(-age / fill))
    age++
    return sum
  }
  let before = level()
  return () => {
    const now = level()
    const growth = now - before
    before = now
    return growth
  }
}

/**
 * A worker that leaks nothing, as workers are: one to eight types from rare to frequent, jitter, what wanders within
 * bounds, code that warms up, and for some a sawtooth, a cache that fills by 63 % in up to a quarter of an isolate's steps,
 * jumps, several isolates.
 */
export function cleanMixture(seed: number, steps?: number): Mixture {
  const random = createRandom(seed ^ 0x5eed)
  const between = (low: number, high: number): number => low + (high - low) * random()
  /** Each order of magnitude as likely as another. */
  const spread = (low: number, high: number): number => low * (high / low) ** random()
  const some = <T>(share: number, make: () => T): T | undefined => (random() < share ? make() : undefined)
  const length = steps ?? Math.round(spread(32, 512))
  const isolates = some(0.5, () => ({ count: 1 + Math.floor(random() * 8), life: Math.round(spread(8, 512)) }))
  const life = Math.min(length / (isolates?.count ?? 1), isolates?.life ?? length)
  const walk = some(0.7, () => ({ by: spread(1e4, 5e5), within: spread(1e6, 1e7) }))
  const sawtooth = some(0.3, () => ({ height: spread(1e6, 2e7), every: Math.round(spread(3, 60)) }))
  const filling = some(0.5, () => ({ size: spread(1e6, 6e7), fill: Math.max(1, life * between(0.02, 0.25)) }))
  return {
    seed,
    steps: length,
    types: Array.from({ length: 1 + Math.floor(random() * 8) }, (_, n) => ({
      name: `type ${n}`,
      rate: spread(0.05, 200),
      vary: random(),
    })),
    jitter: spread(1e5, 3e6),
    caches: [{ size: spread(1e6, 8e6), fill: between(0.5, 3) }, ...(filling ? [filling] : [])],
    jumps: Array.from({ length: Math.floor(random() * 4) }, () => spread(5e6, 5e7)),
    ...(walk && { walk }),
    ...(sawtooth && { sawtooth }),
    ...(isolates && { isolates }),
  }
}
