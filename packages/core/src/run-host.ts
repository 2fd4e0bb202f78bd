import type { Sender } from './broker.ts'
import type { Clock } from './clock.ts'
import type { Step } from './compose.ts'
import type { Container, ContainerContext } from './container.ts'
import type { JobContext } from './context.ts'
import type { Hooks } from './hooks.ts'
import type { AnyJobType } from './job.ts'
import type { Resource } from './resource.ts'

/** How a job type is done. */
export interface Route {
  readonly type: AnyJobType
  /** The handler in its middleware. */
  readonly steps: Step<JobContext>
}

/** What the runs of an app have in common. */
export interface RunHost {
  readonly clock: Clock
  readonly hooks: Hooks
  readonly routes: ReadonlyMap<string, Route>
  /** How long an aborted handler has before it is given up, in ms. */
  readonly graceMs: number
  /** How long a job of an unknown name is put back before it is dead, in ms. */
  readonly unknownAfterMs: number
  /** The resources that outlive a job, and what its own container is made from. */
  resources(options: RunOptions): { readonly context: ContainerContext; readonly parent: Container }
}

/** What a run is given besides its delivery. */
export interface RunOptions {
  /** The platform's environment, for providers. */
  readonly env?: unknown
  /** The resources of the platform's invocation, from `app.invocation(env)`; without one, the isolate's serve. */
  readonly invocation?: Container
  /** Where `ctx.enqueue(…, { now: true })` sends to. */
  readonly sender?: Pick<Sender, 'send'>
  /** Where `ctx.progress` goes, besides the hook. */
  readonly progress?: (value: unknown) => void
  /** Resources to use in place of the provided ones: for tests. */
  readonly provide?: readonly (readonly [resource: Resource<unknown>, value: unknown])[]
}
