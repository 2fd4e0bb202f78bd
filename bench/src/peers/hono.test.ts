import { expect, test } from 'vitest'
import { createHonoChain } from './hono.ts'

test.each([0, 3])('a chain of %i middlewares reaches its handler', async (middlewares) => {
  expect(await (await createHonoChain(middlewares))()).toEqual({ req: { routeIndex: middlewares }, finalized: true })
})
