import { expect } from 'vitest'
import { gone } from '../processes.ts'
import { type IsolateCase, pause } from './cases.ts'
import { openSupervisor, type Supervisor } from './supervisor.ts'

/** How long orphans may live, in ms. */
const ORPHANS_MS = 5_000

const LOOPS = Array.from({ length: 4 }, (_, n) => ({ name: `loop-${n}`, until: 'loop' as const }))

/** Both isolates in an endless loop: each has one of the first two jobs. */
export async function loop({ started, send }: Supervisor): Promise<void> {
  await send(LOOPS)
  for (let looping = 0; looping < 2; await pause(20))
    looping = (await started(0)).filter(({ name }) => name.startsWith('loop')).length
}

const guardianOf = ({ children }: Supervisor) => children().find(({ command }) => command.includes('guardian-main'))

/** Kills the supervisor; answers with those that it leaves behind for too long. */
export async function orphan({ worker, children }: Supervisor): Promise<readonly string[]> {
  const own = children()
  expect(own.length).toBeGreaterThanOrEqual(3)
  worker.kill('SIGKILL')
  // Not its streams, which an orphan would hold open.
  const left = await gone([worker.pid, ...own.map(({ pid }) => pid)], ORPHANS_MS)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  return own.filter(({ pid }) => left.includes(pid)).map(({ command }) => command)
}

/** Of a supervisor that is killed: none of its processes is left. */
export const ORPHAN_CASES = {
  idle: {
    name: 'a supervisor is killed while its isolates are idle: none is left',
    async run(runtime) {
      const supervisor = await openSupervisor({ runtime })
      await supervisor.settled()
      expect(await orphan(supervisor)).toEqual([])
    },
  },
  looping: {
    name: 'a supervisor is killed while its isolates are in endless loops',
    async run(runtime) {
      const supervisor = await openSupervisor({ runtime })
      await supervisor.settled()
      await loop(supervisor)
      expect(await orphan(supervisor)).toEqual([])
    },
  },
  stopped: {
    name: 'a supervisor is killed while its isolates are stopped',
    async run(runtime) {
      const supervisor = await openSupervisor({ runtime })
      for (const { pid } of await supervisor.settled()) if (pid) process.kill(pid, 'SIGSTOP')
      expect(await orphan(supervisor)).toEqual([])
    },
  },
  loading: {
    name: 'a supervisor is killed while its isolates load',
    async run(runtime) {
      const supervisor = await openSupervisor({ runtime })
      expect(await orphan(supervisor)).toEqual([])
    },
  },
  anotherGuardian: {
    name: 'a supervisor is killed after its guardian was: there is another',
    async run(runtime) {
      const supervisor = await openSupervisor({ runtime })
      await supervisor.settled()
      const first = guardianOf(supervisor)
      expect(first).toBeDefined()
      process.kill(first?.pid ?? 0, 'SIGKILL')
      await loop(supervisor)
      for (let next = first; !next || next.pid === first?.pid; next = guardianOf(supervisor)) await pause(50)
      expect(await orphan(supervisor)).toEqual([])
    },
  },
} satisfies Readonly<Record<string, IsolateCase>>
