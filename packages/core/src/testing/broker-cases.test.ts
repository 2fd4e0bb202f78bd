import { describe, expect, it } from 'vitest'
import type { Broker, Capabilities, Outcome, Settlement } from '../broker.ts'
import { UnsupportedError } from '../errors.ts'
import { createMemoryBroker } from '../memory/index.ts'
import type { Ability } from './broker/context.ts'
import { brokerCases } from './broker-cases.ts'
import { override } from './override.ts'

type Change = (broker: Broker) => Partial<Broker>

const changed = (broker: Broker, change: Change): Broker => override(broker, change(broker))

/** Names of the cases that a broker fails. Those that it should pass may be waited for, on a machine that is busy. */
async function failing(
  change: Change,
  { chosen = () => true, patienceMs = 10_000 }: { chosen?: (name: string) => boolean; patienceMs?: number } = {},
): Promise<string[]> {
  const cases = brokerCases(() => changed(createMemoryBroker(), change), { patienceMs })
  const results = await Promise.allSettled(
    cases.filter((c) => chosen(c.name)).map((c) => c.run().catch((error) => Promise.reject([c.name, error]))),
  )
  return results.filter((result) => result.status === 'rejected').map((result) => result.reason[0] as string)
}

const mapOutcomes =
  (map: (outcome: Outcome) => Outcome): Change =>
  (broker) => ({
    settle: (done) => broker.settle(done.map((one): Settlement => ({ ...one, outcome: map(one.outcome) }))),
  })

/** What a broker without an ability does: it refuses, and does the rest. */
const refusing: Readonly<Record<Ability, (broker: Broker, refuse: () => Promise<never>) => Partial<Broker>>> = {
  delay: (b, refuse) => ({ send: (s, o) => (s.some((one) => one.delayMs > 0) ? refuse() : b.send(s, o)) }),
  priority: (b, refuse) => ({ send: (s, o) => (s.some((one) => one.priority !== 'normal') ? refuse() : b.send(s, o)) }),
  dedupe: (b, refuse) => ({ send: (s, o) => (s.some((one) => one.key !== undefined) ? refuse() : b.send(s, o)) }),
  extend: (_, refuse) => ({ extend: refuse }),
  atomicEnqueue: (b, refuse) => ({
    settle: (d) => (d.some(({ outcome }) => 'enqueue' in outcome) ? refuse() : b.settle(d)),
  }),
  deadLetter: (_, refuse) => ({ deadLetters: { list: refuse, redrive: refuse, discard: refuse } }),
  stats: (_, refuse) => ({ stats: refuse }),
  lookup: (_, refuse) => ({ get: refuse, cancel: refuse }),
  pause: (_, refuse) => ({ pause: refuse, resume: refuse }),
  progress: (_, refuse) => ({ progress: refuse }),
}

const abilities = Object.keys(refusing) as Ability[]

const without =
  (...denied: readonly Ability[]): Change =>
  (broker) => {
    const refuse = async (): Promise<never> => {
      throw new UnsupportedError('test', denied.join())
    }
    const can: Capabilities = { ...broker.can, ...Object.fromEntries(denied.map((ability) => [ability, false])) }
    const limited = denied.reduce((inner, ability) => changed(inner, (b) => refusing[ability](b, refuse)), broker)
    return override(limited, { can })
  }

describe('a broker without', () => {
  it.concurrent.each(abilities)('%s passes when it refuses what it cannot do', async (ability) => {
    expect(await failing(without(ability))).toEqual([])
  })

  it('any ability passes when it refuses what it cannot do', async () => {
    expect(await failing(without(...abilities))).toEqual([])
  })

  it.concurrent.each(abilities)('%s fails when it does something else instead', async (ability) => {
    const names = await failing((broker) => ({ can: { ...broker.can, [ability]: false } }), {
      chosen: (name) => !name.startsWith('limit') && !name.startsWith('data'),
      patienceMs: 1_500,
    })
    expect(names.length).toBeGreaterThan(0)
  })
})

describe('a broker that', () => {
  it('charges for a release passes when it says so', async () => {
    const change: Change = (broker) => ({
      can: { ...broker.can, release: 'charged' },
      ...mapOutcomes((o) =>
        o.kind === 'release' && !o.suspect
          ? { kind: 'retry', delayMs: o.delayMs ?? 0, error: new Error('released') }
          : o,
      )(broker),
    })
    expect(await failing(change)).toEqual([])
  })

  it('keeps nothing that has ended passes when it says so', async () => {
    const cases = brokerCases(() => createMemoryBroker({ retain: 0 }), { retains: false })
    await Promise.all(cases.map((c) => c.run()))
    const strict = brokerCases(() => createMemoryBroker({ retain: 0 })).find(
      (c) => c.name === 'settle: an ack ends the job and keeps its result',
    )
    await expect(strict?.run()).rejects.toMatchObject({ code: 'CONFORMANCE' })
  })

  it('decodes payloads itself passes', async () => {
    const change: Change = (broker) => ({
      receive: async (want) =>
        (await broker.receive(want)).map((delivery) => ({
          ...delivery,
          job: { ...delivery.job, payload: { value: JSON.parse((delivery.job.payload as { text: string }).text) } },
        })),
    })
    expect(await failing(change)).toEqual([])
  })
})

describe('brokerCases', () => {
  it('disposes its broker when a case fails', async () => {
    let disposed = 0
    const cases = brokerCases(() =>
      changed(createMemoryBroker(), (broker) => ({
        send: () => Promise.reject(new Error('no')),
        [Symbol.asyncDispose]: async () => {
          disposed++
          await broker[Symbol.asyncDispose]()
        },
      })),
    )
    await expect(cases[0]?.run()).rejects.toThrow('no')
    expect(disposed).toBe(1)
  })

  it.each([{ scale: 0 }, { minLeaseMs: -1 }, { patienceMs: Number.NaN }])('refuses %j', (options) => {
    expect(() => brokerCases(createMemoryBroker, options)).toThrow('must be above 0')
  })
})
