import type { Clock } from './clock.ts'
import { toMs } from './duration.ts'
import { MissingProviderError, ResourceError } from './errors.ts'
import type { Lifetime, Provider, Resource } from './resource.ts'
import { Scope } from './scope.ts'

/** What a container needs to know, shared by the containers of an app. */
export interface ContainerContext {
  readonly providers: ReadonlyMap<Resource<unknown>, Provider<unknown, never>>
  readonly clock: Clock
  readonly env: unknown
  /** Hears of errors of disposal. */
  readonly onError: (error: unknown) => void
}

/** One resource that was made, or is being made. */
interface Entry {
  readonly resource: Resource<unknown>
  readonly lifetime: Lifetime
  readonly value: Promise<unknown>
  readonly madeAt: number
  /** What it depends on, and at last itself: disposed when it is retired or its container ends. */
  readonly scope: Scope
  /** Resources it waits for while it is being made, to find cycles. */
  readonly waitsFor: Set<Entry>
  uses: number
  active: number
  retired: boolean
}

const RANK: Readonly<Record<Lifetime, number>> = { job: 0, invocation: 1, isolate: 2 }

/**
 * The resources of one lifetime: a job's, an invocation's or the isolate's. Asked for a resource that lives longer, it
 * passes on to its parent. A resource is made once, also when many ask at once; one that fails to be made is forgotten,
 * so that the next who asks tries again. Disposal is in the reverse order of completion: what depends on something goes
 * before it.
 */
export class Container implements AsyncDisposable {
  readonly #context: ContainerContext
  readonly #lifetime: Lifetime
  /** The containers that keep resources of each lifetime: this one, or those above. An isolate serves where there is no invocation. */
  readonly #owners: Readonly<Partial<Record<Lifetime, Container>>>
  readonly #entries = new Map<Resource<unknown>, Entry>()
  readonly #made = new Set<Entry>()
  /** What a job uses of resources with limited uses or age, so that using one twice counts once. */
  readonly #borrowed = new Map<Resource<unknown>, Promise<unknown>>()
  readonly #leases = new Scope()
  #closed = false

  constructor(context: ContainerContext, lifetime: Lifetime, parent?: Container) {
    this.#context = context
    this.#lifetime = lifetime
    this.#owners = { ...(parent ? parent.#owners : { invocation: this }), [lifetime]: this }
  }

  /**
   * The resource's value, made when there is none. One with a limited number of uses or age, once used, stays alive
   * until this container ends.
   * @throws {MissingProviderError | ResourceError}
   */
  get<T>(resource: Resource<T>): Promise<T> {
    const borrowed = this.#borrowed.get(resource)
    if (borrowed) return borrowed as Promise<T>
    const value = this.#get(resource, this.#leases, undefined) as Promise<T>
    if (isLimited(this.#context.providers.get(resource))) {
      this.#borrowed.set(resource, value)
      value.catch(() => this.#borrowed.delete(resource))
    }
    return value
  }

  async #get(resource: Resource<unknown>, user: Scope, dependent: Entry | undefined): Promise<unknown> {
    const provider = this.#context.providers.get(resource)
    if (!provider) throw new MissingProviderError(resource.name)
    // By lifetimes as declared: what fails where invocations have resources of their own must not work elsewhere.
    if (dependent && RANK[provider.lifetime] < RANK[dependent.lifetime]) {
      throw new ResourceError(
        resource.name,
        `lives with the ${provider.lifetime}: "${dependent.resource.name}" lives longer and cannot depend on it`,
      )
    }
    const owner = this.#owners[provider.lifetime]
    if (!owner) throw new ResourceError(resource.name, `lives with the ${provider.lifetime}: ask for it in a job`)
    const entry = owner.#entry(resource, provider)
    if (dependent) {
      if (entry === dependent || reaches(entry, dependent)) {
        throw new ResourceError(resource.name, `depends on itself, by way of "${dependent.resource.name}"`)
      }
      dependent.waitsFor.add(entry)
    }
    if (isLimited(provider)) {
      entry.uses++
      entry.active++
      user.defer(() => owner.#leave(entry))
    }
    try {
      return await entry.value
    } finally {
      dependent?.waitsFor.delete(entry)
    }
  }

  #entry(resource: Resource<unknown>, provider: Provider<unknown, never>): Entry {
    if (this.#closed) throw new ResourceError(resource.name, `was asked for after its ${this.#lifetime} had ended`)
    const existing = this.#entries.get(resource)
    if (existing && !this.#isWorn(existing, provider)) return existing
    if (existing) this.#retire(existing)
    return this.#create(resource, provider)
  }

  #isWorn(entry: Entry, { maxUses, maxAge }: Provider<unknown, never>): boolean {
    if (maxUses !== undefined && entry.uses >= maxUses) return true
    return maxAge !== undefined && this.#context.clock.now() - entry.madeAt >= toMs(maxAge)
  }

  #create(resource: Resource<unknown>, provider: Provider<unknown, never>): Entry {
    const scope = new Scope(this.#context.onError)
    let resolve: (value: unknown) => void = () => {}
    let reject: (error: Error) => void = () => {}
    const entry: Entry = {
      resource,
      lifetime: provider.lifetime,
      value: new Promise((...settle) => {
        ;[resolve, reject] = settle
      }),
      madeAt: this.#context.clock.now(),
      scope,
      waitsFor: new Set(),
      uses: 0,
      active: 0,
      retired: false,
    }
    this.#entries.set(resource, entry)
    // Who waits for it hears of a failure. Nobody may: all were given up, or told of a cycle.
    entry.value.catch(() => {})
    const use = <T>(other: Resource<T>): Promise<T> => this.#get(other, scope, entry) as Promise<T>
    const create = async (): Promise<unknown> => provider.create({ env: this.#context.env as never, use })
    create().then(
      (value) => {
        const { dispose } = provider
        if (dispose) scope.defer(() => dispose(value))
        this.#made.add(entry)
        resolve(value)
        if (entry.retired) void this.#endUnused(entry)
      },
      async (cause: unknown) => {
        if (this.#entries.get(resource) === entry) this.#entries.delete(resource)
        await this.#end(entry)
        reject(toCreateError(resource, cause))
      },
    )
    return entry
  }

  #retire(entry: Entry): void {
    this.#entries.delete(entry.resource)
    entry.retired = true
    void this.#endUnused(entry)
  }

  #leave(entry: Entry): Promise<void> | undefined {
    entry.active--
    return entry.retired ? this.#endUnused(entry) : undefined
  }

  /** Ends a retired entry that nobody uses; one that is still being made ends when it is made. */
  #endUnused(entry: Entry): Promise<void> | undefined {
    return this.#made.has(entry) && (entry.active === 0 || this.#closed) ? this.#end(entry) : undefined
  }

  async #end(entry: Entry): Promise<void> {
    this.#made.delete(entry)
    try {
      await entry.scope.disposeAsync()
    } catch (error) {
      this.#context.onError(error)
    }
  }

  /** Waits for what is still being made, then disposes everything. Errors go to `onError`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.allSettled([...this.#entries.values()].map((entry) => entry.value))
    this.#entries.clear()
    this.#borrowed.clear()
    await this.#leases.disposeAsync()
    for (const entry of [...this.#made].reverse()) await this.#end(entry)
  }
}

function isLimited(provider: Provider<unknown, never> | undefined): boolean {
  return provider?.maxUses !== undefined || provider?.maxAge !== undefined
}

/** Why a resource could not be created; what its own dependencies say is passed on as it is. */
function toCreateError({ name }: Resource<unknown>, cause: unknown): Error {
  try {
    if (cause instanceof ResourceError || cause instanceof MissingProviderError) return cause
  } catch {
    // It cannot even be asked what it is (a revoked proxy).
  }
  return new ResourceError(name, 'could not be created; see cause', { cause })
}

/** Whether `from` waits, directly or by others, for `target`. */
function reaches(from: Entry, target: Entry): boolean {
  for (const next of from.waitsFor) if (next === target || reaches(next, target)) return true
  return false
}
