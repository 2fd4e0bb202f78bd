import type { DeadReason, Outcome } from '@isobar/core'

/** Job types told apart, by queue: one that comes when there is no room is counted as `(other)` of its queue. */
export const MAX_SERIES = 100

/** Queues told apart. */
export const MAX_QUEUES = 32

/** Characters of a name in a label. */
export const MAX_LABEL = 200

/** The label of what there was no room for. */
export const OTHER = '(other)'

/** Upper bounds of the buckets of durations, in seconds; one more has no bound. */
export const DURATION_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600,
]

/** How a run can end. */
export type OutcomeKind = Outcome['kind']

/** What is counted of one job type in one queue. */
export class JobFigures {
  readonly queue: string
  readonly name: string
  readonly outcomes: Record<OutcomeKind, number> = { ack: 0, retry: 0, dead: 0, release: 0 }
  /** Runs in each bucket, not summed up; the last one has no bound. */
  readonly buckets: Float64Array = new Float64Array(DURATION_BUCKETS.length + 1)
  /** Of all durations, in seconds. */
  seconds = 0
  readonly dead: Map<DeadReason, number> = new Map()

  constructor(queue: string, name: string) {
    this.queue = queue
    this.name = name
  }

  /** Counts a run that ended. */
  add(kind: OutcomeKind, seconds: number): void {
    this.outcomes[kind]++
    let at = 0
    while (at < DURATION_BUCKETS.length && seconds > (DURATION_BUCKETS[at] as number)) at++
    this.buckets[at] = (this.buckets[at] as number) + 1
    this.seconds += seconds
  }

  /** Counts a job that is in the dead letters. */
  addDead(reason: DeadReason): void {
    this.dead.set(reason, (this.dead.get(reason) ?? 0) + 1)
  }
}

/**
 * Figures by queue and job type, of a bounded number of them whatever names come along: `MAX_SERIES` told apart, and one
 * for the others of each of `MAX_QUEUES` queues and of all other queues.
 */
export class JobTable {
  /** As jobs name them; two names may share the figures of one label. */
  readonly #byName = new Map<string, Map<string, JobFigures>>()
  readonly #byLabel = new Map<string, JobFigures>()
  readonly #others = new Map<string, JobFigures>()

  /** The figures of a job type in a queue. */
  of(queue: string, name: string): JobFigures {
    return this.#byName.get(queue)?.get(name) ?? this.#find(queue, name)
  }

  /** All of them, each once. */
  all(): readonly JobFigures[] {
    return [...this.#byLabel.values(), ...this.#others.values()]
  }

  /** The label under which a job type is told apart in any queue; undefined where it is not. */
  labelOf(name: string): string | undefined {
    const label = toLabel(name)
    for (const figures of this.#byLabel.values()) if (figures.name === label) return label
    return undefined
  }

  #find(queue: string, name: string): JobFigures {
    const [queueLabel, label] = [toLabel(queue), toLabel(name)]
    const key = JSON.stringify([queueLabel, label])
    const known = this.#byLabel.get(key)
    const figures = known ?? new JobFigures(queueLabel, label)
    if (!known && this.#byLabel.size >= MAX_SERIES) return this.#other(queueLabel)
    this.#byLabel.set(key, figures)
    // A name that is no label as it stands is looked up each time: there is no end of such names.
    if (queue === queueLabel && name === label) {
      const names = this.#byName.get(queue) ?? new Map<string, JobFigures>()
      this.#byName.set(queue, names.set(name, figures))
    }
    return figures
  }

  #other(queue: string): JobFigures {
    const label = this.#others.has(queue) || this.#others.size < MAX_QUEUES ? queue : OTHER
    const known = this.#others.get(label)
    if (known) return known
    const figures = new JobFigures(label, OTHER)
    this.#others.set(label, figures)
    return figures
  }
}

/** A name as a label: of bounded length, and text that UTF-8 can write, as two labels must not become one on the way. */
export function toLabel(name: string): string {
  return name.slice(0, MAX_LABEL).replace(LONE_SURROGATES, '\ufffd')
}

const LONE_SURROGATES = /\p{Surrogate}/gu
