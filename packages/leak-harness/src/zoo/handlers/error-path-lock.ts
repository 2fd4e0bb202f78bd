import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A lock is released after the work, and not in `finally`: a job that throws keeps it. */
class Lock {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const held = new Set<Lock>()

export const harness = { expectFailures: true }

export default async ({ data }: ZooJob): Promise<void> => {
  const lock = new Lock(data.to)
  held.add(lock)
  await work(isLeaky(data))
  held.delete(lock)
}

async function work(fails: boolean): Promise<void> {
  if (fails) throw new Error('the connection was reset')
}
