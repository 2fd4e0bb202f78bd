import type { Broker } from '../broker.ts'
import type { Clock } from '../clock.ts'
import { OptionError } from '../errors.ts'
import { type BrokerCaseOptions, type BrokerCaseSettings, CaseContext, type CaseSpec } from './broker/context.ts'
import { dataCases } from './broker/data-cases.ts'
import { deadLetterCases } from './broker/dead-letter-cases.ts'
import { dedupeCases } from './broker/dedupe-cases.ts'
import { followUpCases } from './broker/follow-up-cases.ts'
import { leaseCases } from './broker/lease-cases.ts'
import { lifecycleCases } from './broker/lifecycle-cases.ts'
import { limitCases } from './broker/limit-cases.ts'
import { lookupCases } from './broker/lookup-cases.ts'
import { orderCases } from './broker/order-cases.ts'
import { queueCases } from './broker/queue-cases.ts'
import { checkRefusal } from './broker/refusals.ts'
import { sendCases } from './broker/send-cases.ts'
import { settleCases } from './broker/settle-cases.ts'
import { tickCases } from './broker/tick-cases.ts'
import { waitCases } from './broker/wait-cases.ts'

export type { BrokerCaseOptions } from './broker/context.ts'

/** One case of a conformance suite, for any test runner. */
export interface BrokerCase {
  /** `topic: what must hold`; unique in the suite. */
  readonly name: string
  /** Rejects when the broker breaks the contract. Makes a broker of its own and disposes it. */
  run(): Promise<void>
}

/** Makes a broker for one case. The suite runs in real time and passes no clock. */
export type CreateBroker = (options: { readonly clock?: Clock }) => Promise<Broker> | Broker

const topics: Readonly<Record<string, readonly CaseSpec[]>> = {
  send: sendCases,
  data: dataCases,
  order: orderCases,
  wait: waitCases,
  lease: leaseCases,
  settle: settleCases,
  'follow-up': followUpCases,
  dedupe: dedupeCases,
  lookup: lookupCases,
  queue: queueCases,
  'dead letter': deadLetterCases,
  tick: tickCases,
  limit: limitCases,
  lifecycle: lifecycleCases,
}

/**
 * The conformance suite of brokers: every sentence of the contract in `Broker`, as cases for any test runner. Where
 * `can` denies an ability, its cases test that asking for it fails with `UnsupportedError`. Cases use queues and ids of
 * their own, so that they may share a server, also at once.
 *
 * @example
 * for (const c of brokerCases(() => postgres(url))) test(c.name, c.run)
 *
 * @throws {OptionError} for options that are not positive.
 */
export function brokerCases(create: CreateBroker, options: BrokerCaseOptions = {}): readonly BrokerCase[] {
  const settings: BrokerCaseSettings = { scale: 1, minLeaseMs: 150, retains: true, patienceMs: 10_000, ...options }
  const { scale, minLeaseMs, patienceMs } = settings
  if (!(scale > 0 && minLeaseMs > 0 && patienceMs > 0)) {
    throw new OptionError('scale, minLeaseMs and patienceMs of brokerCases must be above 0')
  }
  return Object.entries(topics).flatMap(([topic, cases]) =>
    cases.map((spec) => ({ name: `${topic}: ${spec.name}`, run: () => runCase(spec, create, settings) })),
  )
}

async function runCase(
  { needs = [], run }: CaseSpec,
  create: CreateBroker,
  settings: BrokerCaseSettings,
): Promise<void> {
  const broker = await create({})
  try {
    const t = new CaseContext(broker, settings)
    const missing = needs.filter((ability) => !broker.can[ability])
    if (!missing.length) await run(t)
    for (const ability of missing) await checkRefusal(t, ability)
  } finally {
    await broker[Symbol.asyncDispose]()
  }
}
