import { startServer } from '../../../../scripts/services/postgres-server.ts'
import { startDurableRedis } from '../bullmq/redis.ts'

/** What keeps the jobs of a crash test. */
export type Store = 'postgres' | 'redis'

/** A server of a crash test's own. Disposing ends it. */
export interface CrashServer extends AsyncDisposable {
  readonly url: string
  start(): Promise<void>
  /** Ends it as if it had crashed: what it has answered is there when it starts again. */
  crash(): Promise<void>
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startCrashServer(store: Store): Promise<CrashServer> {
  if (store === 'redis') {
    const server = await startDurableRedis()
    return toCrashServer(server, () => server.stop('crash'))
  }
  const server = await startServer()
  return toCrashServer(server, () => server.stop('immediate'))
}

function toCrashServer(
  server: AsyncDisposable & { readonly url: string; start(): Promise<void> },
  crash: () => Promise<void>,
): CrashServer {
  return {
    url: server.url,
    start: () => server.start(),
    crash,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
