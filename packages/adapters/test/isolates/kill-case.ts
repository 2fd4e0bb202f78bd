import { expect } from 'vitest'
import { programNamed, programOf } from '../runtimes.ts'
import { type IsolateCase, pause } from './cases.ts'
import { loop, orphan } from './orphan-cases.ts'
import { openSupervisor } from './supervisor.ts'

/** How long the jobs take that an isolate is killed among, in ms. */
const JOB_MS = 1_000

/**
 * Of an isolate that is killed in the middle of its jobs: they come back uncharged, as suspects, and those of the other
 * isolate, and those that had not started, know nothing. Then the supervisor itself is killed.
 */
export const KILL_CASE: IsolateCase = {
  name: 'kill -9 of an isolate touches its own jobs only, and of the supervisor leaves no process',
  async run(runtime) {
    const supervisor = await openSupervisor({ runtime })
    const { worker, broker, send, started } = supervisor
    expect(programOf(worker.pid)).toBe(programNamed(runtime))
    await supervisor.settled()
    const acts = Array.from({ length: 8 }, (_, n) => ({ name: String(n), ms: JOB_MS }))
    const ids = await send(acts)
    const first = await started(4)
    const victim = first[0]?.pid ?? 0
    expect(programOf(victim)).toBe(programNamed(runtime))
    process.kill(victim, 'SIGKILL')
    const suspects = first.filter(({ pid }) => pid === victim).map(({ name }) => name)
    expect(suspects).toHaveLength(2)
    for (let done = 0; done < ids.length; await pause(20))
      done = (await Promise.all(ids.map((id) => broker.get(id)))).filter((job) => job?.state === 'done').length
    const starts = await started(0)
    for (const [n, id] of ids.entries()) {
      const isSuspect = suspects.includes(String(n))
      expect(await broker.get(id)).toMatchObject({ state: 'done', attempt: 1, crashes: isSuspect ? 1 : 0 })
      expect(starts.filter(({ name }) => name === String(n))).toHaveLength(isSuspect ? 2 : 1)
    }
    expect(worker.lines.filter((line) => line.startsWith('recycle'))).toEqual(['recycle crash'])
    await supervisor.settled()
    await loop(supervisor)
    expect(await orphan(supervisor)).toEqual([])
  },
}
