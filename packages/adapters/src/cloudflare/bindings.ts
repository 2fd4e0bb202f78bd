import type { Queue } from '@cloudflare/workers-types'
import { OptionError, type Priority } from '@isobar/core'

/** The names of those bindings in `Env` that are a `T`. */
export type BindingOf<Env, T> = { [Name in keyof Env]-?: Env[Name] extends T ? Name : never }[keyof Env] & string

// biome-ignore lint/suspicious/noExplicitAny: whatever its messages are typed as
export type AnyQueue = Queue<any>

/** What a queue is known by: the platform's own types come in several copies, which are long to compare. */
export interface QueueLike {
  send(...args: never): unknown
  sendBatch(...args: never): unknown
}

/** The queue of a kind of work: one binding, or one for each priority. A lane that is not there is the normal one. */
export type Lanes<Env> =
  | BindingOf<Env, QueueLike>
  | ({ readonly normal: BindingOf<Env, QueueLike> } & { readonly [P in Priority]?: BindingOf<Env, QueueLike> })

/** The producer bindings of isobar's queues, by the names that job types give as `queue`. */
export type QueueBindings<Env> = Readonly<Record<string, Lanes<Env>>>

/**
 * The binding for a queue and priority.
 * @throws {OptionError} when there is none.
 */
export function toBinding<Env>(queues: QueueBindings<Env>, env: Env, queue: string, priority: Priority): AnyQueue {
  const lanes = Object.hasOwn(queues, queue) ? queues[queue] : undefined
  if (lanes === undefined) throw new OptionError(`queue ${queue} has no binding; name it in queues`)
  return asQueue(env, typeof lanes === 'string' ? lanes : (lanes[priority] ?? lanes.normal), `queue ${queue}`)
}

/**
 * A queue of the environment.
 * @throws {OptionError} when the Worker has no such binding, or it is something else.
 */
export function asQueue<Env>(env: Env, name: keyof Env & string, use: string): AnyQueue {
  const binding = env?.[name] as Partial<AnyQueue> | undefined
  if (typeof binding?.send === 'function' && typeof binding.sendBatch === 'function') return binding as AnyQueue
  throw new OptionError(`binding ${name}, for ${use}, is no queue; add it to queues.producers`)
}

/**
 * That every binding is there: told at the first invocation rather than when a job needs it.
 * @throws {OptionError}
 */
export function checkBindings<Env>(queues: QueueBindings<Env>, env: Env): void {
  for (const [queue, lanes] of Object.entries(queues)) {
    const names = typeof lanes === 'string' ? [lanes] : Object.values(lanes)
    for (const name of names) asQueue(env, name, `queue ${queue}`)
  }
}
