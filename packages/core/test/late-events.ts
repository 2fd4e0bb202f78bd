import type { SentinelStep } from '../src/worker/sentinel.ts'
import { createRandom, normal } from './mixtures.ts'

/** Something that happens to a worker at a step, in bytes and jobs. */
export type LateEvent = (steps: readonly SentinelStep[], at: number, seed: number) => readonly SentinelStep[]

const mapJobs = (
  { jobs, ...step }: SentinelStep,
  map: (count: number, name: string) => number,
): SentinelStep & { readonly jobs: Record<string, number> } => ({
  ...step,
  jobs: Object.fromEntries(Object.entries(jobs).map(([name, count]) => [name, map(count, name)])),
})

/** What something that fills by `1 - exp(-steps / fill)` adds in its nth step. */
const filling = (size: number, fill: number, n: number): number =>
  size * (Math.exp(-n / fill) - Math.exp(-(n + 1) / fill))

/** One of a range, each order of magnitude as likely as another. */
const spread = (random: () => number, low: number, high: number): number => low * (high / low) ** random()

/** A type begins to leave bytes behind. */
export const lateLeak =
  (name: string, leak: number): LateEvent =>
  (steps, at) =>
    steps.map((step, n) => (n < at ? step : { ...step, bytes: step.bytes + leak * (step.jobs[name] ?? 0) }))

/** Steps become shorter: growth makes an engine collect more often. */
export const shorterSteps =
  (share: number): LateEvent =>
  (steps, at) =>
    steps.map((step, n) => (n < at ? step : mapJobs(step, (count) => Math.round(count * share))))

/** A cache of up to 60 MB begins to fill, by 63 % in up to 48 steps. */
export const lateCache: LateEvent = (steps, at, seed) => {
  const random = createRandom(seed)
  const [size, fill] = [spread(random, 4e6, 6e7), spread(random, 2, 48)]
  return steps.map((step, n) => (n < at ? step : { ...step, bytes: step.bytes + filling(size, fill, n - at) }))
}

/** For up to 80 steps there are up to 20 times the jobs, and up to 20 MB are held for those in flight. */
export const burst: LateEvent = (steps, at, seed) => {
  const random = createRandom(seed)
  const [length, times] = [Math.round(spread(random, 5, 80)), spread(random, 2, 20)]
  const held = spread(random, 1e5, 2e7)
  return steps.map((step, n) => {
    if (n < at || n > at + length) return step
    if (n === at + length) return { ...step, bytes: step.bytes - held }
    const bytes = step.bytes + (n === at ? held : 0) + 0.3 * held * normal(random)
    return { ...mapJobs(step, (count) => Math.round(count * times)), bytes }
  })
}

/** Some types come no more, and a new one does, with its code and its caches. */
export const otherMix: LateEvent = (steps, at, seed) => {
  const random = createRandom(seed)
  const gone = new Set(steps.flatMap(({ jobs }) => Object.keys(jobs)).filter(() => random() < 0.4))
  const [rate, size, fill] = [spread(random, 1, 100), spread(random, 1e6, 8e6), spread(random, 0.5, 6)]
  return steps.map((step, n) => {
    if (n < at) return step
    const { jobs, ...rest } = mapJobs(step, (count, name) => (gone.has(name) ? 0 : count))
    const fresh = Math.max(0, Math.round(rate * (1 + 0.4 * normal(random))))
    return { ...rest, jobs: { ...jobs, fresh }, bytes: step.bytes + filling(size, fill, n - at) }
  })
}

/** All isolates are replaced at once, and the new ones warm up. */
export const deploy: LateEvent = (steps, at, seed) => {
  const random = createRandom(seed)
  const [size, fill] = [spread(random, 2e6, 1.5e7), spread(random, 0.5, 8)]
  const ages = new Map<string, number>()
  return steps.map((step, n) => {
    if (n < at) return step
    const isolate = `${step.isolate} again`
    const age = ages.get(isolate) ?? 0
    ages.set(isolate, age + 1)
    return { ...step, isolate, bytes: step.bytes + filling(size, fill, age) }
  })
}
