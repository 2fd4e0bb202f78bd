import { readdirSync, readFileSync } from 'node:fs'
import type { Reading } from '../driver.ts'

/** The figures of another process that the system tells; 0 for what it does not. */
export function readFiguresOf(pid: number | undefined): Pick<Reading, 'rss' | 'descriptors' | 'waited'> {
  if (pid === undefined) return { rss: 0, descriptors: 0, waited: 0 }
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1]
  const waitedNs = Number(read(`/proc/${pid}/schedstat`).split(' ')[1] ?? 0)
  return {
    rss: Number(kib ?? 0) * 1024,
    descriptors: openDescriptors(pid),
    waited: Number.isFinite(waitedNs) ? Math.round(waitedNs / 1e6) : 0,
  }
}

function openDescriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    // It has gone.
    return ''
  }
}
