import { readFileSync } from 'node:fs'

/** The resident memory of a process, in bytes; undefined where the kernel does not tell (not Linux, or it has gone). */
export function readRss(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    return kib === undefined ? undefined : Number(kib) * 1_024
  } catch {
    return undefined
  }
}
