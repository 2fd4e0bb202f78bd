import { type JobSpec, UnsupportedError } from '@isobar/core'
import { checkSpecs } from '@isobar/core/producer'
import type { Value } from './connection.ts'
import { assertId, assertText, type Bases, type Keys } from './keys.ts'
import type { BullmqSettings } from './options.ts'

/** Most characters of data in one call: it goes in one step, and Redis does nothing else meanwhile. */
const MAX_CHARS = 64_000_000

/**
 * Refuses jobs that the broker cannot take, before any is added.
 * @throws {UnsupportedError | PayloadTooLargeError | OptionError} naming the job and what to change.
 */
export function checkAll(specs: readonly JobSpec[], keys: Keys, settings: BullmqSettings): void {
  checkSpecs(specs, settings)
  let chars = 0
  for (const { id, name, queue, key, tenant, text } of specs) {
    keys.base(queue)
    if (id !== undefined) assertId(id, name)
    for (const [field, value] of Object.entries({ name, key, tenant })) assertText(field, value, name)
    chars += text.length
  }
  if (chars > MAX_CHARS) {
    throw new UnsupportedError(
      settings.name,
      `take ${chars} characters of data at once`,
      `send at most ${MAX_CHARS} at a time`,
    )
  }
}

const optional = (text: string | undefined): string => (text === undefined ? '' : `=${text}`)

/** A job as the values that `lua/add.ts` reads. */
export function toSpecValues(spec: JobSpec, bases: Bases, { priorities }: BullmqSettings): Value[] {
  const { id, name, text, priority, delayMs, key, dedupe, tenant, trace } = spec
  return [
    bases.place(spec.queue),
    id ?? crypto.randomUUID(),
    id === undefined ? 0 : 1,
    name,
    text,
    priorities[priority],
    Math.max(0, Math.ceil(delayMs)),
    key === undefined ? '' : (dedupe?.mode ?? 'alive'),
    key ?? '',
    dedupe?.mode === 'window' ? Math.max(1, Math.ceil(dedupe.windowMs)) : 0,
    optional(tenant),
    optional(trace || undefined),
  ]
}
