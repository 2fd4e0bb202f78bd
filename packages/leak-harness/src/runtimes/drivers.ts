import { HarnessError } from '../errors.ts'
import { bunDriver } from './bun.ts'
import { denoDriver } from './deno.ts'
import type { RuntimeDriver } from './driver.ts'
import { nodeDriver } from './node.ts'

const DRIVERS: readonly RuntimeDriver[] = [nodeDriver, denoDriver, bunDriver]

/** Runtimes that the method is made for and that this version has no driver of. */
const LATER: readonly string[] = ['workerd']

/** Names of the runtimes that can be asked for. */
export const RUNTIMES: readonly string[] = DRIVERS.map((driver) => driver.name)

/**
 * The driver of a runtime.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` when this version has none, `HARNESS_USAGE` when there is no such runtime.
 */
export function driverOf(name: string): RuntimeDriver {
  const driver = DRIVERS.find((one) => one.name === name)
  if (driver) return driver
  if (LATER.includes(name))
    throw new HarnessError(
      'HARNESS_NOT_AVAILABLE',
      `--runtime ${name} is not available in this version; use ${RUNTIMES.join(', ')}`,
    )
  throw new HarnessError('HARNESS_USAGE', `there is no runtime "${name}"; use ${RUNTIMES.join(', ')}`)
}
