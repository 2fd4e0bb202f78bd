import { setTimeout as sleep } from 'node:timers/promises'
import type { Mischief } from './plan.ts'

/** Bytes that fill an isolate step by step, so that its supervisor can see it coming. */
const STEP_BYTES = 10_000_000
const STEP_MS = 10

const never = (): Promise<never> => new Promise(() => {})

/** What jobs do to the process they run in. */
export const DO: Readonly<Record<Mischief, () => unknown>> = {
  exit: () => process.exit(0),
  abort: () => process.abort(),
  kill: () => process.kill(process.pid, 'SIGKILL') && never(),
  segfault: () => process.kill(process.pid, 'SIGSEGV') && never(),
  freeze: () => process.kill(process.pid, 'SIGSTOP') && never(),
  loop: () => {
    for (;;);
  },
  heap: () => {
    const all: unknown[] = []
    for (;;) all.push({ all: [...all.slice(0, 100)] })
  },
  buffers: async () => {
    const all: Buffer[] = []
    for (;;) {
      all.push(Buffer.alloc(STEP_BYTES, 1))
      await sleep(STEP_MS)
    }
  },
  uncaught: () => {
    setTimeout(() => {
      throw new Error('nobody catches this')
    })
    return never()
  },
  reject: () => void Promise.reject(new Error('nobody awaits this')),
}
