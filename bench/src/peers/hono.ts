import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Task } from '../in-rounds.ts'

type Middleware = (context: unknown, next: () => Promise<unknown>) => unknown
type Compose = (middleware: readonly [[Middleware]][]) => (context: unknown) => Promise<unknown>

/**
 * Hono's `compose` with so many middlewares around an async no-op. Hono publishes its entry and not `compose` alone,
 * so that it is taken from the file beside the entry; calling all of Hono would measure its router and requests too.
 */
export async function createHonoChain(middlewares: number): Promise<Task> {
  const entry = fileURLToPath(import.meta.resolve('hono'))
  const { compose } = (await import(join(entry, '..', 'compose.js'))) as { compose: Compose }
  const chain = compose([
    ...Array.from({ length: middlewares }, (): [[Middleware]] => [
      [
        async (_, next) => {
          await next()
        },
      ],
    ]),
    [[async () => {}]],
  ])
  // What compose reads and writes of a context; a final one has its response.
  const context = { req: { routeIndex: 0 }, finalized: true }
  return () => chain(context)
}
