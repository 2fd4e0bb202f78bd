import fc from 'fast-check'
import { expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../test/no-unhandled-rejections.ts'
import { systemClock } from './clock.ts'
import { Container } from './container.ts'
import { defineResource, type Provider, type Resource } from './resource.ts'

const thing = defineResource<string>('thing')
const other = defineResource<string>('other')

failOnUnhandledRejections()

function setUp(...provided: readonly (readonly [Resource<unknown>, Provider<string>])[]) {
  const errors: unknown[] = []
  const providers = new Map<Resource<unknown>, Provider<unknown, never>>(provided as never)
  const context = {
    providers,
    clock: systemClock,
    env: undefined,
    onError: (error: unknown) => void errors.push(error),
  }
  const isolate = new Container(context, 'isolate')
  return { errors, isolate, job: () => new Container(context, 'job', isolate) }
}

const graph = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.record({
    nodes: fc.array(
      fc.record({
        needs: fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }),
        atOnce: fc.boolean(),
        turns: fc.nat(3),
        lifetime: fc.constantFrom('job' as const, 'isolate' as const),
        limited: fc.boolean(),
      }),
      { minLength: size, maxLength: size },
    ),
    asked: fc.array(fc.record({ node: fc.nat(size - 1), job: fc.nat(1) }), { minLength: 1, maxLength: 6 }),
  }),
)

/** Whether a node reaches a cycle, or something that lives shorter than who needs it. */
function isBad(
  nodes: readonly { needs: readonly number[]; lifetime: string }[],
  at: number,
  path: readonly number[] = [],
): boolean {
  if (path.includes(at)) return true
  const node = nodes[at]
  return (
    node?.needs.some(
      (to) => (node.lifetime === 'isolate' && nodes[to]?.lifetime === 'job') || isBad(nodes, to, [...path, at]),
    ) ?? false
  )
}

test('whatever depends on whatever, all who ask get an answer: a value, or that it cannot be; and all that was made goes, dependents first', async () => {
  const seen = { good: 0, bad: 0 }
  await fc.assert(
    fc.asyncProperty(graph, async ({ nodes, asked }) => {
      const resources = nodes.map((_, at) => defineResource<string>(`r${at}`))
      const alive = new Map<string, number>()
      const providers = nodes.map(
        ({ needs, atOnce, turns, lifetime, limited }, at): [Resource<unknown>, Provider<string>] => [
          resources[at] as Resource<unknown>,
          {
            lifetime,
            ...(limited && { maxUses: 1_000 }),
            create: async ({ use }) => {
              for (let turn = 0; turn < turns; turn++) await Promise.resolve()
              const get = (to: number): Promise<string> => use(resources[to] as Resource<string>)
              const values: string[] = []
              if (atOnce) values.push(...(await Promise.all(needs.map(get))))
              else for (const to of needs) values.push(await get(to))
              for (const value of values) expect(alive.get(value)).toBeGreaterThan(0)
              const name = `r${at}`
              alive.set(name, (alive.get(name) ?? 0) + 1)
              return name
            },
            dispose: (name) => {
              for (const to of needs) expect(alive.get(`r${to}`)).toBeGreaterThan(0)
              alive.set(name, (alive.get(name) ?? 0) - 1)
            },
          },
        ],
      )
      const { job, isolate, errors } = setUp(...providers)
      const jobs = [job(), job()]
      const answers = await Promise.allSettled(
        asked.map(({ node, job: at }) => jobs[at]?.get(resources[node] as Resource<string>)),
      )
      for (const [at, answer] of answers.entries()) {
        const { node } = asked[at] as { node: number }
        const bad = isBad(nodes, node)
        seen[bad ? 'bad' : 'good']++
        if (bad) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'RESOURCE' } })
        else expect(answer).toEqual({ status: 'fulfilled', value: `r${node}` })
      }
      for (const container of [...jobs, isolate]) await container[Symbol.asyncDispose]()
      expect([...alive.values()].filter((living) => living !== 0)).toEqual([])
      expect(errors).toEqual([])
    }),
    { numRuns: 500 },
  )
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(100)
})

test('a cycle that closes between two who ask at once is told, by name, and does not wait for ever', async () => {
  const turn = (): Promise<void> => new Promise(setImmediate)
  const providers = [
    [thing, { lifetime: 'isolate' as const, create: ({ use }) => turn().then(() => use(other)) }],
    [other, { lifetime: 'isolate' as const, create: ({ use }) => turn().then(() => use(thing)) }],
  ] as [Resource<unknown>, Provider<string>][]
  const { job } = setUp(...providers)
  const answers = await Promise.allSettled([job().get(thing), job().get(other)])
  const told = {
    status: 'rejected',
    reason: { code: 'RESOURCE', message: expect.stringContaining('depends on itself') },
  }
  expect(answers).toMatchObject([told, told])
})

test('a resource cannot depend on itself', async () => {
  const { job } = setUp([thing, { lifetime: 'job', create: ({ use }) => use(thing) }])
  await expect(job().get(thing)).rejects.toEqual(
    expect.objectContaining({
      code: 'RESOURCE',
      message: expect.stringMatching(/"thing" depends on itself, by way of "thing"/),
    }),
  )
})
