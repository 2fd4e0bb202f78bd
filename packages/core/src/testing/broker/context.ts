import type { Broker, Delivery, Enqueued, JobSpec, JobStatus, Lost, Outcome, Payload, Want } from '../../broker.ts'
import { ConformanceError, check, equal } from '../assert.ts'

/** How `brokerCases` treats a broker. */
export interface BrokerCaseOptions {
  /** Stretches every delay, lease and wait, for slow brokers. Default 1. */
  readonly scale?: number
  /** The shortest lease that the broker keeps, in ms. Default 150. */
  readonly minLeaseMs?: number
  /** Whether `get` still knows jobs that are done or cancelled. Default true. */
  readonly retains?: boolean
  /** How long a job may take to arrive before the case fails, in ms. Default 10 s. */
  readonly patienceMs?: number
}

/** `BrokerCaseOptions` with every default filled in. */
export type BrokerCaseSettings = Required<BrokerCaseOptions>

/** A lease that no case outlives, in ms. */
const LONG_LEASE_MS = 60_000

/** How long a case looks before it believes that nothing comes, in ms. */
const NONE_MS = 40

/** What a test may leave out of a job. */
export type PartialSpec = Partial<JobSpec> & { readonly data?: unknown }

/** The data of a payload, read. */
export function dataOf(payload: Payload): unknown {
  if ('text' in payload) return JSON.parse(payload.text)
  if ('value' in payload) return payload.value
  throw new ConformanceError(`the payload came back as bytes: ${payload.problem}`)
}

/** The ids of deliveries, in order. */
export const idsOf = (deliveries: readonly Delivery[]): string[] => deliveries.map((delivery) => delivery.job.id)

/** A broker under test, with queues of its own and the few calls that every case makes. */
export class CaseContext {
  readonly broker: Broker
  readonly settings: BrokerCaseSettings
  /** A lease that a case lets expire, in ms. */
  readonly shortLeaseMs: number
  readonly #prefix = `case-${crypto.randomUUID()}`

  constructor(broker: Broker, settings: BrokerCaseSettings) {
    this.broker = broker
    this.settings = settings
    this.shortLeaseMs = Math.max(this.ms(150), settings.minLeaseMs)
  }

  /** A duration in ms, stretched for this broker. */
  ms(ms: number): number {
    return ms * this.settings.scale
  }

  /** A name that no other case uses, for a queue or an id. Without a suffix: the case's main queue. */
  name(suffix = 'main'): string {
    return `${this.#prefix}-${suffix}`
  }

  /** Lets real time pass: for what only time can show. */
  elapse(ms: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
  }

  spec({ data = null, ...over }: PartialSpec = {}): JobSpec {
    return { name: 'case.job', queue: this.name(), priority: 'normal', delayMs: 0, text: JSON.stringify(data), ...over }
  }

  /** Sends jobs in one call. */
  send(...specs: readonly PartialSpec[]): Promise<readonly Enqueued[]> {
    return this.broker.send(specs.map((spec) => this.spec(spec)))
  }

  /** Sends one job and answers its id. */
  async sendOne(spec: PartialSpec = {}): Promise<string> {
    const [answer] = await this.send(spec)
    check(answer !== undefined, 'send answered nothing for a job')
    check(!answer.duplicate, 'send answered duplicate for a new job')
    return answer.id
  }

  want(over: Partial<Want> = {}): Want {
    const max = over.max ?? 1
    return {
      queues: [{ name: this.name(), max }],
      max,
      leaseMs: LONG_LEASE_MS,
      workerId: 'case-worker',
      waitMs: 0,
      signal: new AbortController().signal,
      ...over,
    }
  }

  /** Receives until there are `count` deliveries. Fails when they do not come in time. */
  async receive(count: number, over: Partial<Want> = {}): Promise<Delivery[]> {
    const deliveries: Delivery[] = []
    const patience = this.ms(this.settings.patienceMs)
    const until = Date.now() + patience
    while (deliveries.length < count) {
      const waitMs = until - Date.now()
      check(
        waitMs > 0,
        `expected ${count} deliveries within ${patience} ms, got ${deliveries.length}: ${idsOf(deliveries)}`,
      )
      deliveries.push(...(await this.broker.receive(this.want({ max: count - deliveries.length, waitMs, ...over }))))
    }
    equal(deliveries.length, count, 'number of deliveries')
    return deliveries
  }

  async receiveOne(over: Partial<Want> = {}): Promise<Delivery> {
    return (await this.receive(1, over))[0] as Delivery
  }

  /** Checks that there is nothing to receive. */
  async receiveNone(what: string, over: Partial<Want> = {}): Promise<void> {
    equal(idsOf(await this.broker.receive(this.want({ max: 10, waitMs: this.ms(NONE_MS), ...over }))), [], what)
  }

  /** Settles one delivery whose handler ran. Answers what `settle` answered. */
  settle(delivery: Delivery, outcome: Outcome): Promise<readonly Lost[]> {
    const now = Date.now()
    return this.broker.settle([{ delivery, outcome, startedAt: now, endedAt: now }])
  }

  /** Settles one delivery and checks that it was still ours. */
  async settled(delivery: Delivery, outcome: Outcome): Promise<void> {
    checkLost(await this.settle(delivery, outcome), [], `settle with ${outcome.kind}`)
  }

  /** Where a job stands; fails when the broker does not know it. */
  async status(id: string): Promise<JobStatus> {
    const status = await this.broker.get(id)
    check(status !== undefined, `get does not know job ${id}`)
    return status
  }

  /** Checks the state of a job; one that has ended may be forgotten by brokers that do not retain. */
  async checkState(id: string, state: JobStatus['state'], what: string): Promise<void> {
    if (!this.broker.can.lookup) return
    const status = await this.broker.get(id)
    const forgettable = !this.settings.retains && (state === 'done' || state === 'canceled')
    if (!(forgettable && status === undefined)) equal(status?.state, state, `state ${what}`)
  }

  /** Checks an attempt that brokers which charge for a release may count higher. */
  checkUncharged(delivery: Delivery, attempt: number, what: string): void {
    const { release } = this.broker.can
    if (release === 'free') equal(delivery.job.attempt, attempt, `attempt ${what}`)
    else
      check(
        delivery.job.attempt >= attempt,
        `attempt ${what}: expected at least ${attempt}, got ${delivery.job.attempt}`,
      )
  }
}

/** Checks which deliveries were reported lost, and why. */
export function checkLost(lost: readonly Lost[], expected: readonly [Delivery, Lost['reason']][], what: string): void {
  const line = ([delivery, reason]: readonly [Delivery, Lost['reason']]): string => `${delivery.job.id} ${reason}`
  equal(lost.map((one) => line([one.delivery, one.reason])).sort(), expected.map(line).sort(), `lost at ${what}`)
}

/** One case of the suite, before it is bound to a broker. */
export interface CaseSpec {
  readonly name: string
  /** What the broker must be able to do. Where it cannot, the case tests that it says so. */
  readonly needs?: readonly Ability[]
  run(t: CaseContext): Promise<void>
}

/** What a broker may be unable to do. */
export type Ability =
  | 'delay'
  | 'priority'
  | 'dedupe'
  | 'extend'
  | 'atomicEnqueue'
  | 'deadLetter'
  | 'stats'
  | 'lookup'
  | 'pause'
  | 'progress'
