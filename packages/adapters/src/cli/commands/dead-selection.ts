import type { DeadLetterSelection } from '@isobar/core'
import type { Invocation } from '../command.ts'
import { UsageError } from '../errors.ts'

/** Dead letters that may be named one by one. */
export const MAX_IDS = 10_000

/**
 * Which dead letters a command means: those it names, or all of a queue.
 * @throws {UsageError} when it says neither, or both.
 */
export function toSelection({ parameters, options }: Invocation, command: string): DeadLetterSelection {
  const { queue } = options
  if (parameters.length > 0 && queue) throw new UsageError('ids and --queue are both given; give one of them')
  if (parameters.length > 0) return { ids: [...new Set(parameters)] }
  if (queue) return { queue }
  throw new UsageError(`${command} needs ids of dead letters, or --queue QUEUE for all of a queue`)
}

/** What to say when fewer were found than were named. */
export function toMissing(which: DeadLetterSelection, found: number): string | undefined {
  if (!('ids' in which) || found === which.ids.length) return undefined
  return `${which.ids.length - found} of ${which.ids.length} ids are of no dead letter; isobar dead list shows which there are`
}
