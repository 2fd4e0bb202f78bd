import { describe, expect, it } from 'vitest'
import { bunDriver } from '../src/runtimes/bun.ts'
import { denoDriver } from '../src/runtimes/deno.ts'
import type { ReplayProcess, RuntimeDriver } from '../src/runtimes/driver.ts'
import { nodeDriver } from '../src/runtimes/node.ts'
import { workerdDriver } from '../src/runtimes/workerd/driver.ts'
import { runtimeCases } from '../src/testing/runtime-cases.ts'

/** Each case starts a process or two. */
const TIMEOUT_MS = 120_000

describe.each([nodeDriver, workerdDriver, denoDriver, bunDriver])('$name', (driver) => {
  it.each(runtimeCases(driver).map((one) => [one.name, one.run] as const))('%s', { timeout: TIMEOUT_MS }, (_, run) =>
    run(),
  )
})

/** Node, with something wrong. */
const faulty = (wrong: (process: ReplayProcess) => Partial<ReplayProcess>): RuntimeDriver => ({
  ...nodeDriver,
  start: async (options) => {
    const process = await nodeDriver.start(options)
    return { ...process, ...wrong(process) }
  },
})

describe('a fault is noticed', () => {
  it.each<[string, RuntimeDriver]>([
    [
      'replays each job once, and counts how it ended',
      faulty((process) => ({ run: async (jobs, options) => ({ ...(await process.run(jobs - 1, options)), jobs }) })),
    ],
    [
      'counts the entries of containers, and follows each from one census to the next',
      faulty((process) => ({
        census: async () => ({ ...(await process.census()), classes: [] }),
      })),
    ],
    [
      'numbers objects the same in each snapshot, and higher when they were born later',
      faulty((process) => ({
        snapshot: async () => {
          const snapshot = await process.snapshot()
          return { ...snapshot, id: snapshot.id.map((id) => 1e9 - id) }
        },
      })),
    ],
    ['lets time pass without a job', faulty(() => ({ idle: async () => {} }))],
  ])('%s', { timeout: TIMEOUT_MS }, async (name, driver) => {
    const found = runtimeCases(driver).find((one) => one.name === name)
    await expect(found?.run()).rejects.toMatchObject({ code: 'CONFORMANCE' })
  })
})
