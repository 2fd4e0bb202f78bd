import { createRequire } from 'node:module'
import { DriverMissingError } from './errors.ts'

/** A script of BullMQ, as its package keeps it. */
interface BullScript {
  readonly content: string
  readonly keys: number
}

/** The scripts of BullMQ that ours are made of, with the number of keys that they take. */
const KEYS = {
  addStandardJob: 9,
  addPrioritizedJob: 9,
  addDelayedJob: 6,
  moveToActive: 11,
  moveToFinished: 14,
  moveToDelayed: 11,
  retryJob: 11,
  moveJobFromActiveToWait: 9,
  updateProgress: 3,
  removeJob: 2,
  reprocessJob: 9,
  pause: 7,
} as const

/** A script of BullMQ, by its name. */
export type BullScriptName = keyof typeof KEYS

/**
 * BullMQ's own scripts as Lua functions of `KEYS` and `ARGV`, to be called in one script as often as there are jobs: a
 * round trip for a batch, with BullMQ's own code for every move, of the version that is installed.
 *
 * @throws {DriverMissingError} when the package is missing, or one of its scripts is, or takes other keys.
 */
export function bullFunctions(names: readonly BullScriptName[]): string {
  const scripts = loadScripts()
  return names.map((name) => toFunction(name, scripts[name])).join('\n')
}

function toFunction(name: BullScriptName, script: BullScript | undefined): string {
  if (script?.keys !== KEYS[name] || typeof script.content !== 'string') {
    throw new DriverMissingError(
      'bullmq',
      `its script ${name} is not the one of version 6.7; install a version that has it`,
    )
  }
  return `local function ${name}(KEYS, ARGV)\n${script.content}\nend\n`
}

function loadScripts(): Readonly<Record<string, BullScript | undefined>> {
  try {
    return createRequire(import.meta.url)('bullmq/dist/cjs/scripts/index.js')
  } catch (error) {
    throw new DriverMissingError('bullmq', 'add it to your dependencies', { cause: error })
  }
}
