import type { ZooData } from './make-data.ts'

const EVERY = Number(process.env['ZOO_EVERY'] ?? 1)

/** Whether this job is one that leaks: one in `ZOO_EVERY`, which is 1 unless the environment says otherwise. */
export function isLeaky({ i }: ZooData): boolean {
  return i % EVERY === EVERY - 1
}
