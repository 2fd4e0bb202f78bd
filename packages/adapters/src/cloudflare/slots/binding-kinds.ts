import type { ExecutionContext } from '@cloudflare/workers-types'
import { OptionError } from '@isobar/core'

/** Bindings that cannot be handed to a dynamic Worker, and reach it by proxy. */
export type BindingKind = 'd1' | 'r2' | 'queue' | 'kv'

/** Where a slot's environment has the proxies: the entrypoint of the main Worker, and what kind each binding is. */
export const PROXIES = '~isobar'

/** The proxies of a slot's environment. */
export interface Proxies {
  readonly entrypoint: unknown
  readonly kinds: Readonly<Record<string, BindingKind>>
}

/** The name under which the main module must export the class `IsobarBindings`. */
export const BINDINGS_EXPORT = 'IsobarBindings'

/**
 * The environment of a slot: what can be cloned and stubs of services as they are, the others by proxy.
 * @throws {OptionError} for a binding that there is not, and where `IsobarBindings` is not exported.
 */
export function toBindingEnv<Env>(names: readonly (keyof Env & string)[], env: Env, ctx: ExecutionContext): object {
  const slotEnv: Record<string, unknown> = {}
  const kinds: Record<string, BindingKind> = {}
  for (const name of names) {
    const binding: unknown = env[name]
    if (binding === undefined) throw new OptionError(`slots are to have the binding ${name}, and the Worker has none`)
    const kind = kindOf(binding)
    if (kind) kinds[name] = kind
    else slotEnv[name] = binding
  }
  if (Object.keys(kinds).length === 0) return slotEnv
  const { exports } = ctx as unknown as { exports?: Record<string, (options: { props: object }) => unknown> }
  const proxy = exports?.[BINDINGS_EXPORT]
  if (typeof proxy !== 'function')
    throw new OptionError(
      `slots are to have ${Object.keys(kinds).join(', ')} by proxy; export { ${BINDINGS_EXPORT} } from '@isobar/adapters/cloudflare/slots' in the main module (and set the flag enable_ctx_exports before 2025-11-17)`,
    )
  const proxies: Proxies = { entrypoint: proxy({ props: { names: Object.keys(kinds) } }), kinds }
  return { ...slotEnv, [PROXIES]: proxies }
}

function kindOf(binding: unknown): BindingKind | undefined {
  const has = (...methods: readonly string[]): boolean =>
    typeof binding === 'object' &&
    binding !== null &&
    methods.every((name) => typeof (binding as Record<string, unknown>)[name] === 'function')
  // Stubs of services answer to any name; bindings of the platform have classes.
  const name = (binding as object | null)?.constructor?.name
  if (name === 'Fetcher' || name === 'ServiceStub') return undefined
  if (has('prepare', 'batch', 'exec')) return 'd1'
  if (has('head', 'get', 'put', 'createMultipartUpload')) return 'r2'
  if (has('sendBatch')) return 'queue'
  return has('get', 'put', 'getWithMetadata') ? 'kv' : undefined
}
