import { describe, expect, test } from 'vitest'
import type { Broker } from '../../broker.ts'
import { createMemoryBroker } from '../../memory/index.ts'
import type { Ticks } from '../../ticks.ts'
import { brokerCases } from '../broker-cases.ts'
import { override } from '../override.ts'

/** Names of the cases of ticks that a broker fails. */
async function failing(change: (ticks: Ticks, broker: Broker) => Partial<Ticks> | undefined): Promise<string[]> {
  const create = (): Broker => {
    const broker = createMemoryBroker()
    const ticks = broker.ticks as Ticks
    const over = change(ticks, broker)
    return override(broker, { ticks: over && { ...ticks, ...over } } as Partial<Broker>)
  }
  const cases = brokerCases(create, { patienceMs: 500 }).filter(({ name }) => name.startsWith('tick: '))
  const failed = await Promise.all(
    cases.map(({ name, run }) =>
      run().then(
        () => [],
        () => [name.slice('tick: '.length)],
      ),
    ),
  )
  expect(failed.length).toBeGreaterThan(5)
  return failed.flat()
}

test('a broker without a record passes', async () => {
  expect(await failing(() => undefined)).toEqual([])
})

describe('the cases notice a broker that', () => {
  test('does not know what was enqueued', async () => {
    const change = (_: Ticks, broker: Broker): Partial<Ticks> => ({
      async send(_name, _tick, spec) {
        await broker.send([spec])
        return true
      },
    })
    expect(await failing(change)).toEqual(
      expect.arrayContaining([
        'a tick is enqueued once, and none before it any more',
        'many send one tick at once: one job comes of it',
      ]),
    )
  })

  test('looks first and records later', async () => {
    const change = (ticks: Ticks, broker: Broker): Partial<Ticks> => {
      const records = new Map<string, number>()
      return {
        last: async (name) => records.get(name) ?? ticks.last(name),
        async send(name, tick, spec) {
          if (tick <= (records.get(name) ?? 0)) return false
          await broker.send([spec])
          records.set(name, tick)
          return true
        },
      }
    }
    expect(await failing(change)).toEqual(
      expect.arrayContaining([
        'many send one tick at once: one job comes of it',
        'many send all ticks in order: each is enqueued once, in order',
      ]),
    )
  })

  test('records first and enqueues later', async () => {
    const change = (ticks: Ticks, broker: Broker): Partial<Ticks> => ({
      async send(name, tick, spec) {
        if (!(await ticks.send(name, tick, { ...spec, queue: 'elsewhere', text: 'null' }))) return false
        await broker.send([spec])
        return true
      },
    })
    expect(await failing(change)).toEqual(['a job that is refused leaves the record as it was'])
  })

  test('keeps one record for all', async () => {
    const change = (ticks: Ticks): Partial<Ticks> => ({
      last: () => ticks.last('one'),
      send: (_, tick, spec) => ticks.send('one', tick, spec),
    })
    expect(await failing(change)).toEqual(['schedules are apart, whatever their names'])
  })

  test('records nothing when it is asked', async () => {
    const change = (ticks: Ticks): Partial<Ticks> => ({
      last: async (name) => {
        const [known] = await Promise.all([ticks.last(name)])
        return known < Date.now() - 60_000 ? known : Date.now()
      },
    })
    expect(await failing(change)).toEqual(['a schedule that is not known is recorded when it is first asked for'])
  })
})
