import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScopeDisposedError } from './errors.ts'
import { type AnyDisposable, Scope } from './scope.ts'

/** What `Scope` and the language's own stack have in common. */
interface Stack {
  readonly disposed: boolean
  use(value: unknown): unknown
  adopt(value: unknown, onDispose: unknown): unknown
  defer(onDispose: unknown): void
  move(): Stack
  disposeAsync(): Promise<void>
}

const KINDS = ['async', 'sync', 'both', 'sync after null', 'thenable', 'null', 'undefined', 'object', 'number'] as const
const FAILURES = ['none', 'error', 'undefined', 'later', 'later undefined'] as const

type Op =
  | { readonly op: 'use'; readonly kind: (typeof KINDS)[number]; readonly failure: (typeof FAILURES)[number] }
  | { readonly op: 'adopt' | 'defer'; readonly callable: boolean; readonly failure: (typeof FAILURES)[number] }
  | { readonly op: 'reenter' }
  | { readonly op: 'move' | 'dispose' | 'dispose twice' }

interface Step {
  readonly stack: number
  readonly what: Op
}

/** What a program did: releases in order, what each step gave or threw, and the releases of late acquisitions. */
interface Trace {
  readonly order: string[]
  readonly results: unknown[]
  readonly late: string[]
}

/** Errors by shape, so that those of two runs can be compared; refusals are the same whatever their class and words. */
function shapeOf(error: unknown): unknown {
  if (error instanceof SuppressedError) {
    return { message: error.message, error: shapeOf(error.error), suppressed: shapeOf(error.suppressed) }
  }
  if (error instanceof ReferenceError || error instanceof ScopeDisposedError || error instanceof TypeError)
    return 'refused'
  return error instanceof Error ? `error ${error.message}` : error
}

async function execute(program: readonly Step[], first: Stack): Promise<Trace> {
  const stacks = [first]
  const trace: Trace = { order: [], results: [], late: [] }

  const release = (label: string, log: string[], failure: (typeof FAILURES)[number]) => (): unknown => {
    log.push(label)
    if (failure === 'error') throw new Error(label)
    if (failure === 'undefined') throw undefined
    if (failure === 'none') return undefined
    return Promise.resolve().then(() => {
      log.push(`${label} ends`)
      throw failure === 'later' ? new Error(label) : undefined
    })
  }

  const disposable = (kind: (typeof KINDS)[number], end: () => unknown): unknown => {
    const synchronous = (): unknown => {
      const answer = end()
      if (answer instanceof Promise) answer.catch(() => {})
      // Never settles: a synchronous dispose method is not awaited.
      return new Promise(() => {})
    }
    switch (kind) {
      case 'async':
        return { [Symbol.asyncDispose]: end }
      case 'thenable':
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        return { [Symbol.asyncDispose]: () => ({ then: (done: (value: unknown) => void) => done(end()) }) }
      case 'sync':
        return { [Symbol.dispose]: synchronous }
      case 'both':
        return { [Symbol.asyncDispose]: end, [Symbol.dispose]: () => trace.order.push('the wrong one') }
      case 'sync after null':
        return { [Symbol.asyncDispose]: null, [Symbol.dispose]: synchronous }
      case 'null':
        return null
      case 'undefined':
        return undefined
      case 'object':
        return {}
      case 'number':
        return 5
    }
  }

  const apply = async (stack: Stack, what: Op, label: string): Promise<unknown> => {
    const log = stack.disposed ? trace.late : trace.order
    switch (what.op) {
      case 'use': {
        const value = disposable(what.kind, release(label, log, what.failure))
        return stack.use(value) === value
      }
      case 'adopt':
        return stack.adopt(label, what.callable ? release(label, log, what.failure) : 'not a function')
      case 'defer':
        return stack.defer(what.callable ? release(label, log, what.failure) : undefined)
      case 'reenter':
        return stack.defer(() => {
          log.push(label)
          stack.defer(() => trace.late.push(`${label} again`))
        })
      case 'move':
        stacks.push(stack.move())
        return stack.disposed
      case 'dispose':
        return stack.disposeAsync()
      case 'dispose twice':
        return Promise.all([stack.disposeAsync(), stack.disposeAsync()])
    }
  }

  const steps = [
    ...program,
    ...Array.from({ length: program.length + 1 }, (_, stack) => ({ stack, what: { op: 'dispose' as const } })),
  ]
  for (const [at, { stack: index, what }] of steps.entries()) {
    const stack = stacks[index % stacks.length] as Stack
    try {
      trace.results.push(await apply(stack, what, `${what.op} ${at}`))
    } catch (error) {
      trace.results.push({ thrown: shapeOf(error) })
    }
    trace.results.push(stack.disposed)
  }
  return trace
}

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('use' as const),
      kind: fc.constantFrom(...KINDS),
      failure: fc.constantFrom(...FAILURES),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constantFrom('adopt' as const, 'defer' as const),
      callable: fc.boolean(),
      failure: fc.constantFrom(...FAILURES),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ op: 'reenter' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('move' as const, 'dispose' as const, 'dispose twice' as const) }),
  },
)

test('does what the AsyncDisposableStack of the language does, whatever the program', async () => {
  const late = { releases: 0, errors: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ stack: fc.nat(7), what: op }), { maxLength: 25 }), async (program) => {
      const lateErrors: unknown[] = []
      const native = await execute(program, new AsyncDisposableStack() as unknown as Stack)
      const ours = await execute(program, new Scope((error) => lateErrors.push(error)) as unknown as Stack)
      expect(ours.order).toEqual(native.order)
      expect(ours.results).toEqual(native.results)
      expect(native.late).toEqual([])
      late.releases += ours.late.length
      late.errors += lateErrors.length
    }),
    { numRuns: 500 },
  )
  // The one addition was exercised too.
  expect(late.releases).toBeGreaterThan(100)
  expect(late.errors).toBeGreaterThan(20)
})

describe('what comes too late', () => {
  const late: readonly (readonly [string, (scope: Scope, end: () => unknown) => unknown])[] = [
    ['use', (scope, end) => scope.use({ [Symbol.asyncDispose]: async () => void (await end()) })],
    ['use, synchronous', (scope, end) => scope.use({ [Symbol.dispose]: () => void end() })],
    ['adopt', (scope, end) => scope.adopt('value', end)],
    ['defer', (scope, end) => scope.defer(end)],
  ]

  test.each(late)('is released at once: %s', async (_, acquire) => {
    const scope = new Scope()
    await scope.disposeAsync()
    let ended = 0
    expect(() => acquire(scope, () => ended++)).toThrow(expect.objectContaining({ code: 'SCOPE_DISPOSED' }))
    expect(ended).toBe(1)
    await scope.disposeAsync()
    expect(ended).toBe(1)
  })

  test.each([
    [
      'at once',
      () => {
        throw new Error('late')
      },
    ],
    ['later', () => Promise.reject(new Error('late'))],
  ])('tells of errors that nobody awaits: %s', async (_, end) => {
    const told = Promise.withResolvers<unknown>()
    const scope = new Scope(told.resolve)
    await scope.disposeAsync()
    expect(() => scope.defer(end)).toThrow(expect.objectContaining({ code: 'SCOPE_DISPOSED' }))
    expect(await told.promise).toEqual(new Error('late'))
  })

  test('is released when it comes while the rest is being released', async () => {
    const scope = new Scope()
    const log: string[] = []
    scope.defer(() => log.push('first'))
    scope.defer(() => {
      try {
        scope.defer(() => log.push('late'))
      } catch {
        log.push('refused')
      }
    })
    await scope.disposeAsync()
    expect(log).toEqual(['late', 'refused', 'first'])
  })

  test('goes with what was moved, not with what it was moved from', async () => {
    const scope = new Scope()
    const log: string[] = []
    scope.defer(() => log.push('kept'))
    const moved = scope.move()
    expect(() => scope.move()).toThrow(expect.objectContaining({ code: 'SCOPE_DISPOSED' }))
    await scope.disposeAsync()
    expect(log).toEqual([])
    await moved.disposeAsync()
    expect(log).toEqual(['kept'])
  })
})

test('works with await using, also when the block throws', async () => {
  const log: string[] = []
  const open = (name: string): AnyDisposable => ({
    [Symbol.asyncDispose]: async () => {
      log.push(`${name} closed`)
    },
  })
  const block = async (): Promise<void> => {
    await using scope = new Scope()
    scope.use(open('a'))
    scope.use(open('b'))
    throw new Error('in the block')
  }
  await expect(block()).rejects.toThrow('in the block')
  expect(log).toEqual(['b closed', 'a closed'])
})

test('nests the errors of several releases as the language does, on runtimes without SuppressedError too', async () => {
  const fail = async (): Promise<unknown> => {
    const scope = new Scope()
    for (const name of ['a', 'b', 'c']) scope.defer(() => Promise.reject(new Error(name)))
    return scope.disposeAsync().catch((error: unknown) => error)
  }
  const native = globalThis.SuppressedError
  const shape = {
    name: 'SuppressedError',
    error: { message: 'a' },
    suppressed: { error: { message: 'b' }, suppressed: { message: 'c' } },
  }
  expect(await fail()).toMatchObject(shape)
  try {
    Reflect.deleteProperty(globalThis, 'SuppressedError')
    const error = await fail()
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject(shape)
  } finally {
    globalThis.SuppressedError = native
  }
})
