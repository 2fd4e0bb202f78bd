import { readdirSync } from 'node:fs'
import { anonymousBytes, waitedMs } from '../child/figures.ts'
import type { Reading } from '../driver.ts'

/** The figures of another process that the system tells; 0 for what it does not. */
export function readFiguresOf(pid: number | undefined): Pick<Reading, 'rss' | 'descriptors' | 'waited'> {
  if (pid === undefined) return { rss: 0, descriptors: 0, waited: 0 }
  return { rss: anonymousBytes(pid) ?? 0, descriptors: openDescriptors(pid), waited: waitedMs(pid) }
}

function openDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    // It has gone.
    return 0
  }
}
