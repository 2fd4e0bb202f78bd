// What is used of the platform's module. Its own types come as globals, which do not go together with Node's.
declare module 'cloudflare:workers' {
  import type { ExecutionContext } from '@cloudflare/workers-types'

  export abstract class WorkerEntrypoint<Env = unknown, Props = unknown> {
    constructor(ctx: ExecutionContext<Props>, env: Env)
    protected readonly ctx: ExecutionContext<Props>
    protected readonly env: Env
  }

  export abstract class RpcTarget {
    private readonly '~rpc': unknown
  }

  export const env: unknown

  /** Condemns this isolate: what is called from now on runs in a new one. Missing from the platform's types. */
  export function abortIsolate(reason?: string): void
}
