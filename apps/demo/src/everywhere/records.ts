import type { App, HookEvents, Outcome, StoredJob } from '@isobar/core'
import { bounceEmail } from '../jobs.ts'
import { isOwnId } from './waves.ts'

/** What became of one job. */
export interface JobRecord {
  readonly name: string
  /** What its attempts came to, in their order: `retry JOB_TIMEOUT`, `ack`. What is put back uncharged is none. */
  readonly attempts: string[]
  state: 'open' | 'done' | 'dead'
  result?: unknown
  /** Names of the jobs that it has enqueued. */
  followUps?: readonly string[]
  /** Why it is dead, as the hook was told when the broker had it. */
  reason?: string
}

/** What became of all jobs, as the app's hooks tell it. */
export class Records {
  readonly jobs = new Map<string, JobRecord>()
  /** How often a soft bounce was the one that suppressed an address, or came after it. */
  readonly suppressing = new Map<string, number>()
  #ended = 0
  #waiting: { readonly ended: number; readonly resolve: () => void } | undefined

  constructor(app: App) {
    app.hook('settle', (event) => this.#settle(event))
    app.hook('dead', ({ job, reason }) => {
      const record = this.#of(job)
      record.state = 'dead'
      record.reason = reason
      this.#end()
    })
  }

  /** Jobs that have come to an end. */
  get ended(): number {
    return this.#ended
  }

  /** Resolves when so many have. For one who waits at a time. */
  until(ended: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { ended, resolve }
      this.#tell()
    })
  }

  #settle({ job, outcome }: HookEvents['settle']): void {
    if (outcome.kind === 'release') return
    const record = this.#of(job)
    record.attempts.push(`${job.attempt} ${toWords(outcome)}`)
    if (outcome.kind !== 'ack') return
    record.state = 'done'
    record.result = this.#toResult(job, outcome.result)
    if (outcome.enqueue?.length) record.followUps = outcome.enqueue.map(({ name }) => name)
    this.#end()
  }

  /** Which of an address's soft bounces is the third depends on their order, which is no platform's promise: it is counted by address. */
  #toResult(job: StoredJob, result: unknown): unknown {
    if (job.name !== bounceEmail.name) return result
    const { type, address } = dataOf(job) as { type: string; address: string }
    if (type !== 'soft') return result
    const { suppressed, ...rest } = result as { suppressed: boolean }
    this.suppressing.set(address, (this.suppressing.get(address) ?? 0) + Number(suppressed))
    return rest
  }

  #of(job: StoredJob): JobRecord {
    const id = businessIdOf(job)
    const record = this.jobs.get(id) ?? { name: job.name, attempts: [], state: 'open' }
    this.jobs.set(id, record)
    return record
  }

  #end(): void {
    this.#ended++
    this.#tell()
  }

  #tell(): void {
    if (this.#waiting && this.#ended >= this.#waiting.ended) this.#waiting.resolve()
  }
}

function toWords(outcome: Outcome): string {
  if (outcome.kind !== 'retry' && outcome.kind !== 'dead') return outcome.kind
  const { name, code = name, message } = outcome.error as Error & { code?: string }
  const reason = outcome.kind === 'dead' ? ` ${outcome.reason}` : ''
  return `${outcome.kind}${reason}: ${code} ${message}`
}

/** Ids of follow-up jobs are made by chance: such a job is known by the message that it is about. */
function businessIdOf(job: StoredJob): string {
  if (isOwnId(job.id)) return job.id
  return `${job.name} of ${(dataOf(job) as { messageId?: string }).messageId}`
}

function dataOf({ payload }: StoredJob): unknown {
  if ('text' in payload) return JSON.parse(payload.text)
  return 'value' in payload ? payload.value : undefined
}
