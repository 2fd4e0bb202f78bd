import type { HookEvents, HookName, StoredJob } from '@isobar/core'
import { reviveError, type SerializedError, serializeError } from '@isobar/core/codec'

/** Events as they travel. */
interface WireEvent {
  readonly job?: Omit<StoredJob, 'payload'> & { readonly payload?: { readonly text: string } }
  readonly error?: SerializedError
}

/** The event of a hook as JSON: its job's payload as the text it is, else left out, its error as data. */
export function toHookEvent<Name extends HookName>(name: Name, event: HookEvents[Name]): string {
  const { job, error, ...rest } = event as { job?: StoredJob; error?: unknown }
  const known = {
    ...(job && { job: toWireJob(job) }),
    ...(error !== undefined && { error: serializeError(error) }),
  }
  try {
    return JSON.stringify({ name, event: { ...rest, ...known } }, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
  } catch {
    return JSON.stringify({ name, event: known })
  }
}

/** The event in such JSON. */
export function fromHookEvent(text: string): { readonly name: HookName; readonly event: HookEvents[HookName] } {
  const { name, event }: { name: HookName; event: WireEvent } = JSON.parse(text)
  return {
    name,
    event: {
      ...event,
      ...(event.job && { job: { payload: { value: undefined }, ...event.job } }),
      ...(event.error && { error: reviveError(event.error) }),
    } as HookEvents[HookName],
  }
}

function toWireJob({ payload, ...job }: StoredJob): WireEvent['job'] {
  return 'text' in payload ? { ...job, payload } : job
}
