import { MAX_CLOCK_FACTOR, MAX_GROWTH_BYTES, MAX_RSS_GROWTH_BYTES, MIN_EXACT_JOBS, type Plan } from '../options.ts'
import type { Reading, ReplayProcess } from '../runtimes/driver.ts'

/** A sample is taken after this many ms of jobs at the latest, so that slow jobs make a curve too. */
const SAMPLE_EVERY_MS = 400

/** Jobs before the first sample, when nothing is known of how long they take. */
const FIRST_BATCH = 16

/** No process waits for all of the time: what it was kept waiting for counts up to this share. */
const MAX_SHARE_WAITED = 0.9

/** A reading, with the time that the jobs before it took. */
export interface Sample extends Reading {
  /** How long the jobs since the sample before took, in ms. */
  readonly ms: number
}

/** What cuts a run short: the time is up, memory has grown past the limit, or the other witness has found a leak. */
export type CutShort = 'time' | 'memory' | 'elsewhere'

/** What the sampler goes by, and whom it tells. */
export interface SamplerOptions {
  readonly plan: Plan
  /** Every sample goes here as soon as it is taken. */
  readonly samples: Sample[]
  readonly onSample: (samples: readonly Sample[]) => void
  /** Whether the other witness has found a leak, so that more jobs would tell nothing new. */
  readonly isDecided: () => boolean
}

/** Replays jobs in a process with a sample every so many of them. */
export class Sampler {
  readonly #process: ReplayProcess
  readonly #options: SamplerOptions
  readonly #startedAt = performance.now()
  #jobs = 0
  #msPerJob = 0

  constructor(process: ReplayProcess, options: SamplerOptions) {
    this.#process = process
    this.#options = options
  }

  /** Jobs done. */
  get jobs(): number {
    return this.#jobs
  }

  /** Replays until `aim` jobs are done in all, taking about `count` samples. Answers what cut it short, if anything did. */
  async replay(aim: number, count: number): Promise<CutShort | undefined> {
    const { concurrency } = this.#options.plan
    const every = Math.max(concurrency, Math.ceil((aim - this.#jobs) / count))
    while (this.#jobs < aim) {
      const inTime = this.#msPerJob > 0 ? Math.ceil(SAMPLE_EVERY_MS / this.#msPerJob) : FIRST_BATCH
      const stopped = await this.#sampleAfter(Math.min(every, Math.max(concurrency, inTime), aim - this.#jobs))
      if (this.#options.isDecided()) return 'elsewhere'
      if (stopped || this.#hasOutgrown()) return 'memory'
      if (this.#isTimeUp() && this.#jobs < aim) return 'time'
    }
  }

  /**
   * Replays `count` times so many jobs, and reads after an idle time of `plan.lifetimeMs` each time. Answers with the
   * readings, fewer of them when the other witness found a leak meanwhile.
   */
  async replayAndRest(batch: number, count: number): Promise<Reading[]> {
    const { plan, isDecided } = this.#options
    const readings: Reading[] = []
    while (readings.length < count && !isDecided()) {
      const { jobs } = await this.#process.run(batch, { concurrency: plan.concurrency, maxGrowth: MAX_GROWTH_BYTES })
      this.#jobs += jobs
      await this.#process.idle(plan.lifetimeMs)
      readings.push(await this.#process.read())
    }
    return readings
  }

  async #sampleAfter(batch: number): Promise<boolean> {
    const { plan, samples, onSample } = this.#options
    const { jobs, ms, stopped } = await this.#process.run(batch, {
      concurrency: plan.concurrency,
      maxGrowth: MAX_GROWTH_BYTES,
    })
    this.#jobs += jobs
    samples.push({ ...(await this.#process.read()), ms })
    this.#msPerJob = (ms * (1 - this.#shareWaited())) / Math.max(1, jobs)
    onSample(samples)
    return stopped
  }

  /** On a busy machine the run takes longer, and replays as many jobs as on a quiet one. */
  #isTimeUp(): boolean {
    const { timeMs } = this.#options.plan
    const clock = this.#clock()
    const own = clock * (1 - this.#shareWaited())
    return this.#jobs >= MIN_EXACT_JOBS && (own > timeMs || clock > MAX_CLOCK_FACTOR * timeMs)
  }

  #clock(): number {
    return performance.now() - this.#startedAt
  }

  /** Share of the time in which the process was kept waiting for a processor. */
  #shareWaited(): number {
    const { samples } = this.#options
    const waited = (samples.at(-1)?.waited ?? 0) - (samples[0]?.waited ?? 0)
    return Math.min(MAX_SHARE_WAITED, waited / this.#clock())
  }

  #hasOutgrown(): boolean {
    const first = this.#options.samples[0]
    const last = this.#options.samples.at(-1)
    if (!first || !last) return false
    return (
      last.heap + last.external - first.heap - first.external > MAX_GROWTH_BYTES ||
      last.rss - first.rss > MAX_RSS_GROWTH_BYTES
    )
  }
}
