import { createHash } from 'node:crypto'
import { type BullScriptName, bullFunctions } from './bull-scripts.ts'
import { ADD, SEND, SPEC_VALUES } from './lua/add.ts'
import { CLAIM } from './lua/claim.ts'
import { DEAD_FETCH, DEAD_PAGE, DEAD_TAKE } from './lua/dead.ts'
import { STATS } from './lua/figures.ts'
import { EXTEND, PROGRESS } from './lua/hold.ts'
import { LOOK_AFTER, PUT_BACK, RECOVER } from './lua/leases.ts'
import { CANCEL, FIND, GET } from './lua/lookup.ts'
import { PRELUDE } from './lua/prelude.ts'
import { REMOVE } from './lua/remove.ts'
import { settleScript } from './lua/settle.ts'
import { TICK_LAST, TICK_SEND } from './lua/ticks.ts'

/** A script as the server runs it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** The scripts of the broker. */
export type ScriptName =
  | 'send'
  | 'claim'
  | 'settle'
  | 'extend'
  | 'progress'
  | 'get'
  | 'cancel'
  | 'stats'
  | 'pause'
  | 'deadPage'
  | 'deadFetch'
  | 'deadTake'
  | 'tickLast'
  | 'tickSend'

const ADDING: readonly BullScriptName[] = ['addStandardJob', 'addPrioritizedJob', 'addDelayedJob', 'removeJob']
const MOVING: readonly BullScriptName[] = ['moveToFinished', 'moveToDelayed', 'retryJob', 'moveJobFromActiveToWait']

/** BullMQ's scripts that each of ours calls, and our own parts. */
const PARTS: Readonly<Record<ScriptName, readonly [calls: readonly BullScriptName[], ...own: string[]]>> = {
  send: [ADDING, REMOVE, ADD, SEND],
  claim: [['moveToActive', 'moveJobFromActiveToWait'], PUT_BACK, LOOK_AFTER, RECOVER, CLAIM],
  settle: [[...ADDING, ...MOVING], PUT_BACK, REMOVE, ADD, settleScript(SPEC_VALUES)],
  extend: [[], LOOK_AFTER, EXTEND],
  progress: [['updateProgress'], PROGRESS],
  get: [[], FIND, GET],
  cancel: [['removeJob'], REMOVE, FIND, CANCEL],
  stats: [[], STATS],
  pause: [['pause'], 'return pause(KEYS, ARGV)'],
  deadPage: [[], DEAD_PAGE],
  deadFetch: [[], DEAD_FETCH],
  deadTake: [['removeJob', 'reprocessJob'], REMOVE, DEAD_TAKE],
  tickLast: [[], TICK_LAST],
  tickSend: [ADDING, REMOVE, ADD, TICK_SEND],
}

const made = new Map<ScriptName, Script>()

/**
 * A script, put together when it is first used.
 * @throws {DriverMissingError} when the installed BullMQ does not fit.
 */
export function scriptOf(name: ScriptName): Script {
  let script = made.get(name)
  if (!script) {
    const [calls, ...own] = PARTS[name]
    const text = [bullFunctions(calls), PRELUDE, ...own].join('\n')
    script = { text, sha: createHash('sha1').update(text).digest('hex') }
    made.set(name, script)
  }
  return script
}
