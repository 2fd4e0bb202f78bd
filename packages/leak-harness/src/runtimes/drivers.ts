import { HarnessError } from '../errors.ts'
import { bunDriver } from './bun.ts'
import { denoDriver } from './deno.ts'
import type { RuntimeDriver } from './driver.ts'
import { nodeDriver } from './node.ts'
import { workerdDriver } from './workerd/driver.ts'

const DRIVERS: readonly RuntimeDriver[] = [nodeDriver, workerdDriver, denoDriver, bunDriver]

/** Names of the runtimes that can be asked for. */
export const RUNTIMES: readonly string[] = DRIVERS.map((driver) => driver.name)

/**
 * The driver of a runtime.
 * @throws {HarnessError} `HARNESS_USAGE` when there is no such runtime.
 */
export function driverOf(name: string): RuntimeDriver {
  const driver = DRIVERS.find((one) => one.name === name)
  if (driver) return driver
  throw new HarnessError('HARNESS_USAGE', `there is no runtime "${name}"; use ${RUNTIMES.join(', ')}`)
}
