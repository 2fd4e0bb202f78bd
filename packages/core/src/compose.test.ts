import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compose, type Wrapper } from './compose.ts'

type Log = string[]

test('calls middleware from the outside in, and back, whatever their number', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 8 }), async (asynchronous) => {
      const middleware = asynchronous.map((isAsync, at): Wrapper<Log> => {
        if (!isAsync) {
          return (log, next) => {
            log.push(`in ${at}`)
            return next().finally(() => log.push(`out ${at}`))
          }
        }
        return async (log, next) => {
          await Promise.resolve()
          log.push(`in ${at}`)
          const result = await next()
          log.push(`out ${at}`)
          return result
        }
      })
      const log: Log = []
      expect(await compose(middleware, (seen) => seen.push('handler'))(log)).toBe(asynchronous.length + 1)
      const inward = asynchronous.map((_, at) => `in ${at}`)
      const outward = asynchronous.map((_, at) => `out ${at}`).reverse()
      expect(log).toEqual([...inward, 'handler', ...outward])
    }),
  )
})

test('without middleware it is the handler, called as it is', () => {
  const handler = (log: Log): number => log.push('handler')
  expect(compose([], handler)).toBe(handler)
})

test('what a middleware returns is the result', async () => {
  const run = compose<Log>(
    [async (_, next) => [await next(), 'outer'], async (_, next) => [await next(), 'inner']],
    () => 'handler',
  )
  expect(await run([])).toEqual([['handler', 'inner'], 'outer'])
})

test('a middleware that does not call next keeps the handler from running', async () => {
  const log: Log = []
  const run = compose<Log>([() => 'instead'], () => log.push('handler'))
  expect(await run(log)).toBe('instead')
  expect(log).toEqual([])
})

test('a second call of next rejects, and runs nothing twice', async () => {
  const log: Log = []
  const twice: Wrapper<Log> = async (_, next) => {
    await next()
    return next()
  }
  await expect(compose<Log>([twice], () => log.push('handler'))(log)).rejects.toMatchObject({ code: 'MIDDLEWARE' })
  expect(log).toEqual(['handler'])
})

test('each middleware may call next once: a second run through the chain is not a second call', async () => {
  const run = compose<Log>([(_, next) => next()], (log) => log.push('handler'))
  const log: Log = []
  expect([await run(log), await run(log)]).toEqual([1, 2])
})

test('next never throws synchronously: an error can be mapped with catch', async () => {
  const mapping: Wrapper<Log> = (_, next) =>
    next().catch((error: unknown) => Promise.reject(new Error('mapped', { cause: error })))
  const run = compose<Log>([mapping], () => {
    throw new Error('in the handler')
  })
  await expect(run([])).rejects.toMatchObject({ message: 'mapped', cause: { message: 'in the handler' } })
})
