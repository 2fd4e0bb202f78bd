import type { IsolateOptions, IsolatePool } from '@isobar/adapters/node'
import type { Hooks } from '@isobar/core/worker'
import { identify, type RuntimeName } from './identity.ts'
import type { IsolateTraits } from './isolates/isolate-cases.ts'
import type { Serve } from './serve-cases.ts'

/** What the adapters of the runtimes have in common, as far as the suites need it. */
type Adapter = Pick<typeof import('@isobar/adapters/node'), 'isolates' | 'serve'>

/** An adapter, the flags with which its isolates run a module of this workspace, and in what it differs. */
interface AdapterOfRuntime extends IsolateTraits {
  load(): Promise<Adapter>
  readonly execArgv?: readonly string[]
}

/** The adapter of each runtime. */
const ADAPTERS: Readonly<Record<RuntimeName, AdapterOfRuntime>> = {
  node: { load: () => import('@isobar/adapters/node'), attributesErrors: true },
  deno: {
    load: () => import('@isobar/adapters/deno'),
    // With what flags it was started Deno does not tell.
    execArgv: ['--node-modules-dir=manual', '--no-lock'],
    attributesErrors: false,
  },
  bun: { load: () => import('@isobar/adapters/bun'), attributesErrors: true },
}

/** In what the runtime differs that this is. */
export function traits(): IsolateTraits {
  return ADAPTERS[identify().runtime]
}

/** A pool on the runtime that this is, whose app is what a module exports. */
export async function openPool(module: URL, options: IsolateOptions, hooks?: Hooks): Promise<IsolatePool> {
  const { load, execArgv } = ADAPTERS[identify().runtime]
  const { isolates } = await load()
  return isolates(module, { ...options, ...(execArgv && { execArgv }) }, hooks)
}

/** `serve` on the runtime that this is. */
export const serve: Serve = async (app, options) => {
  const adapter = await ADAPTERS[identify().runtime].load()
  return adapter.serve(app, options)
}
