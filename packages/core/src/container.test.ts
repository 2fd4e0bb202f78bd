import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../test/no-unhandled-rejections.ts'
import { Container } from './container.ts'
import { defineResource, type Provider, type Resource } from './resource.ts'
import { createFakeClock } from './testing/fake-clock.ts'

const thing = defineResource<string>('thing')
const other = defineResource<string>('other')

failOnUnhandledRejections()

function setUp(...provided: readonly (readonly [Resource<unknown>, Provider<string>])[]) {
  const clock = createFakeClock()
  const errors: unknown[] = []
  const providers = new Map<Resource<unknown>, Provider<unknown, never>>(provided as never)
  const context = { providers, clock, env: { NAME: 'value' }, onError: (error: unknown) => void errors.push(error) }
  const isolate = new Container(context, 'isolate')
  const job = (parent: Container = isolate): Container => new Container(context, 'job', parent)
  return { clock, errors, isolate, job, invocation: () => new Container(context, 'invocation', isolate) }
}

/** A provider that counts what it makes, and logs what it disposes. */
function counting(
  lifetime: Provider<string>['lifetime'],
  log: string[],
  more: Partial<Provider<string>> = {},
): Provider<string> {
  let made = 0
  return {
    lifetime,
    create: () => {
      log.push(`made ${made}`)
      return `${made++}`
    },
    dispose: (value) => log.push(`disposed ${value}`),
    ...more,
  }
}

const resourceError = (message: RegExp) =>
  expect.objectContaining({ code: 'RESOURCE', message: expect.stringMatching(message) })

describe('a resource lives', () => {
  test('with its job: one for each, disposed when it ends', async () => {
    const log: string[] = []
    const { job } = setUp([thing, counting('job', log)])
    await using first = job()
    await using second = job()
    expect([await first.get(thing), await second.get(thing), await first.get(thing)]).toEqual(['0', '1', '0'])
    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    expect(log).toEqual(['made 0', 'made 1', 'disposed 0', 'disposed 1'])
  })

  test('with the isolate: one for all, disposed with it', async () => {
    const log: string[] = []
    const { isolate, job } = setUp([thing, counting('isolate', log)])
    for (let n = 0; n < 3; n++) {
      await using container = job()
      expect(await container.get(thing)).toBe('0')
    }
    expect(log).toEqual(['made 0'])
    await isolate[Symbol.asyncDispose]()
    await isolate[Symbol.asyncDispose]()
    expect(log).toEqual(['made 0', 'disposed 0'])
  })

  test('with its invocation, where the platform has them; with the isolate where not', async () => {
    const log: string[] = []
    const { isolate, invocation, job } = setUp([thing, counting('invocation', log)])
    const [first, second] = [invocation(), invocation()]
    const asked = [job(first), job(first), job(second), job(), job()].map((container) => container.get(thing))
    expect(await Promise.all(asked)).toEqual(['0', '0', '1', '2', '2'])
    await first[Symbol.asyncDispose]()
    expect(log).toEqual(['made 0', 'made 1', 'made 2', 'disposed 0'])
    await second[Symbol.asyncDispose]()
    await isolate[Symbol.asyncDispose]()
    expect(log.slice(4)).toEqual(['disposed 1', 'disposed 2'])
  })
})

describe('making', () => {
  test('happens once, also when many ask at once', async () => {
    const open = Promise.withResolvers<string>()
    let made = 0
    const create = (): Promise<string> => {
      made++
      return open.promise
    }
    const { job } = setUp([thing, { lifetime: 'isolate', create }])
    const asked = Array.from({ length: 100 }, () => job().get(thing))
    open.resolve('made')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['made']))
    expect(made).toBe(1)
  })

  test('is given the environment of the platform, and other resources', async () => {
    const { job } = setUp(
      [
        thing,
        { lifetime: 'job', create: async ({ env, use }) => `${(env as { NAME: string }).NAME} ${await use(other)}` },
      ],
      [other, { lifetime: 'isolate', create: () => 'other' }],
    )
    expect(await job().get(thing)).toBe('value other')
  })

  test('that fails tells all who wait, and is tried again for the next', async () => {
    let tries = 0
    const create = async (): Promise<string> => {
      if (tries++ === 0) throw new Error('no connection')
      return 'made'
    }
    const { job } = setUp([thing, { lifetime: 'isolate', create }])
    const answers = await Promise.allSettled([job().get(thing), job().get(thing)])
    const failure = {
      status: 'rejected',
      reason: { code: 'RESOURCE', message: expect.stringContaining('"thing"'), cause: new Error('no connection') },
    }
    expect(answers).toMatchObject([failure, failure])
    expect(await job().get(thing)).toBe('made')
    expect(tries).toBe(2)
  })

  test('that throws at once is told the same way', async () => {
    const create = (): never => {
      throw new Error('no')
    }
    const { job } = setUp([thing, { lifetime: 'job', create }])
    await expect(job().get(thing)).rejects.toMatchObject({ code: 'RESOURCE', cause: new Error('no') })
  })

  test('without a provider is told by name, also from within another', async () => {
    const { job } = setUp([thing, { lifetime: 'job', create: ({ use }) => use(other) }])
    const missing = { code: 'MISSING_PROVIDER', message: expect.stringContaining('"other"') }
    await expect(job().get(other)).rejects.toMatchObject(missing)
    await expect(job().get(thing)).rejects.toMatchObject(missing)
  })
})

describe('disposing', () => {
  test('waits for what is still being made, and disposes that too', async () => {
    const open = Promise.withResolvers<string>()
    const log: string[] = []
    const { job } = setUp([thing, { lifetime: 'job', create: () => open.promise, dispose: () => log.push('disposed') }])
    const container = job()
    const asked = container.get(thing)
    const disposed = container[Symbol.asyncDispose]().then(() => log.push('ended'))
    open.resolve('made')
    expect(await asked).toBe('made')
    await disposed
    expect(log).toEqual(['disposed', 'ended'])
    await expect(container.get(thing)).rejects.toEqual(resourceError(/after its job had ended/))
  })

  test('goes on after an error, which is told', async () => {
    const log: string[] = []
    const { job, errors } = setUp(
      [thing, { lifetime: 'job', create: () => 'a', dispose: () => log.push('disposed') }],
      [other, { lifetime: 'job', create: () => 'b', dispose: () => Promise.reject(new Error('no')) }],
    )
    const container = job()
    await container.get(thing)
    await container.get(other)
    await container[Symbol.asyncDispose]()
    expect({ log, errors }).toEqual({ log: ['disposed'], errors: [new Error('no')] })
  })
})

describe('a resource for a number of jobs', () => {
  test('is made anew for the next, and the old one goes with its last job', async () => {
    const log: string[] = []
    const { job, isolate } = setUp([thing, counting('isolate', log, { maxUses: 2 })])
    const [first, second, third, fourth] = [job(), job(), job(), job()]
    expect([await first.get(thing), await first.get(thing), await second.get(thing)]).toEqual(['0', '0', '0'])
    await first[Symbol.asyncDispose]()
    expect(await third.get(thing)).toBe('1')
    expect(log).toEqual(['made 0', 'made 1'])
    expect(await second.get(thing)).toBe('0')
    await second[Symbol.asyncDispose]()
    expect(log).toEqual(['made 0', 'made 1', 'disposed 0'])
    expect(await fourth.get(thing)).toBe('1')
    await third[Symbol.asyncDispose]()
    await fourth[Symbol.asyncDispose]()
    await isolate[Symbol.asyncDispose]()
    expect(log).toEqual(['made 0', 'made 1', 'disposed 0', 'disposed 1'])
  })

  test('counts a job that asked many times at once as one', async () => {
    const log: string[] = []
    const { job } = setUp([thing, counting('isolate', log, { maxUses: 2 })])
    const asked = job()
    await Promise.all(Array.from({ length: 10 }, () => asked.get(thing)))
    expect(await job().get(thing)).toBe('0')
    expect(await job().get(thing)).toBe('1')
  })

  test('is kept by what was made with it', async () => {
    const log: string[] = []
    const { job, isolate } = setUp(
      [thing, counting('isolate', log, { maxUses: 1 })],
      [other, { lifetime: 'isolate', create: ({ use }) => use(thing), dispose: () => log.push('disposed other') }],
    )
    expect(await job().get(other)).toBe('0')
    expect(await job().get(thing)).toBe('1')
    expect(log).toEqual(['made 0', 'made 1'])
    await isolate[Symbol.asyncDispose]()
    expect(log.slice(2).sort()).toEqual(['disposed 0', 'disposed 1', 'disposed other'])
    expect(log.indexOf('disposed other')).toBeLessThan(log.indexOf('disposed 0'))
  })
})

describe('a resource for a time', () => {
  test('is made anew after it, and the old one goes with its last job', async () => {
    const log: string[] = []
    const { job, clock } = setUp([thing, counting('isolate', log, { maxAge: '1m' })])
    const [first, second, third] = [job(), job(), job()]
    expect(await first.get(thing)).toBe('0')
    await clock.advance(59_999)
    expect(await second.get(thing)).toBe('0')
    await first[Symbol.asyncDispose]()
    await clock.advance(1)
    expect(await third.get(thing)).toBe('1')
    expect(log).toEqual(['made 0', 'made 1'])
    await second[Symbol.asyncDispose]()
    expect(log).toEqual(['made 0', 'made 1', 'disposed 0'])
  })

  test('that nobody uses goes when the next is made', async () => {
    const log: string[] = []
    const { job, clock } = setUp([thing, counting('isolate', log, { maxAge: '1m' })])
    const first = job()
    await first.get(thing)
    await first[Symbol.asyncDispose]()
    await clock.advance(60_000)
    expect(await job().get(thing)).toBe('1')
    expect(log).toEqual(['made 0', 'disposed 0', 'made 1'])
  })

  test('that is over before it was made, its job given up: it is disposed once made', async () => {
    const opened: PromiseWithResolvers<string>[] = []
    const log: string[] = []
    const create = (): Promise<string> => {
      const open = Promise.withResolvers<string>()
      opened.push(open)
      return open.promise
    }
    const { job, clock, isolate } = setUp([
      thing,
      { lifetime: 'isolate', create, dispose: (value) => log.push(`disposed ${value}`), maxAge: '1m' },
    ])
    const givenUp = job()
    const asked = givenUp.get(thing)
    await givenUp[Symbol.asyncDispose]()
    await clock.advance(60_000)
    const next = job().get(thing)
    opened[0]?.resolve('old')
    opened[1]?.resolve('new')
    expect([await asked, await next]).toEqual(['old', 'new'])
    await clock.advance(0)
    expect(log).toEqual(['disposed old'])
    await isolate[Symbol.asyncDispose]()
    expect(log).toEqual(['disposed old', 'disposed new'])
  })
})

describe('a resource cannot depend on one that lives shorter', () => {
  test.each([
    ['isolate', 'job'],
    ['isolate', 'invocation'],
    ['invocation', 'job'],
  ] as const)('%s on %s', async (longer, shorter) => {
    const { job, invocation } = setUp(
      [thing, { lifetime: longer, create: ({ use }) => use(other) }],
      [other, { lifetime: shorter, create: () => 'x' }],
    )
    for (const container of [job(), job(invocation())]) {
      await expect(container.get(thing)).rejects.toEqual(
        resourceError(new RegExp(`"other" lives with the ${shorter}: ".*" lives longer`)),
      )
    }
  })

  test('nor can an invocation or the isolate ask for what lives with a job', async () => {
    const { isolate, invocation } = setUp([thing, { lifetime: 'job', create: () => 'x' }])
    await expect(isolate.get(thing)).rejects.toEqual(resourceError(/lives with the job/))
    await expect(invocation().get(thing)).rejects.toEqual(resourceError(/lives with the job/))
  })
})
