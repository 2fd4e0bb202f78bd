import { type Clock, IsobarError, type Timer } from '@isobar/core'

/** How long each part of a server may take to end, in ms. */
export const DISPOSE_MS = 5_000

/**
 * Ends parts in their order, each whatever became of the one before it, and waits for each at most 5 s.
 * @throws the error of the part that failed (`STOP_TIMEOUT` for one that did not end), or an `AggregateError` of several.
 */
export async function endAll(parts: Readonly<Record<string, AsyncDisposable>>, clock: Clock): Promise<void> {
  const errors: unknown[] = []
  for (const [name, part] of Object.entries(parts)) {
    let timer: Timer
    const late = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(() => {
        const remedy = 'see what its dispose waits for'
        reject(new IsobarError('STOP_TIMEOUT', `the ${name} did not end within ${DISPOSE_MS} ms; ${remedy}`))
      }, DISPOSE_MS)
    })
    try {
      await Promise.race([part[Symbol.asyncDispose](), late])
    } catch (error) {
      errors.push(error)
    } finally {
      clock.clearTimeout(timer)
    }
  }
  if (errors.length > 1) throw new AggregateError(errors, 'several parts of the server could not be ended')
  if (errors.length === 1) throw errors[0]
}
