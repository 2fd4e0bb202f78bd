import { HarnessError } from '../errors.ts'
import { ZOO } from './cases.ts'
import { runZoo } from './run-zoo.ts'

/** A leak that must be found, and a clean handler that must pass: where they are not, no other verdict counts. */
export const CONTROLS: readonly string[] = ['number-array', 'noop']

/** Jobs that each is judged by. */
const CONTROL_JOBS = 2_000

/**
 * Judges handlers of known truth before one of unknown truth.
 * @throws {HarnessError} `HARNESS_CONTROLS` when one of them is judged wrong, so that the run is void.
 */
export async function checkControls(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  const cases = ZOO.filter(({ name }) => CONTROLS.includes(name))
  const results = await runZoo({ ...options, cases, jobs: CONTROL_JOBS })
  const wrong = results.find(({ truth, verdict }) => verdict !== truth)
  if (!wrong && results.length === CONTROLS.length) return
  if (!wrong)
    throw new HarnessError('HARNESS_CONTROLS', 'the run is void: it was ended before the planted controls were judged')
  throw new HarnessError(
    'HARNESS_CONTROLS',
    `the run is void: the planted control "${wrong.name}" was judged ${wrong.verdict} and is ${wrong.truth} (${wrong.because}); run leak-harness zoo to see what this machine or runtime does`,
  )
}
