import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import type { Reading } from '../driver.ts'

const start = Buffer.alloc(4096)

/** The figures of this process but for what the engine holds, which is read right after a collection. */
export function readFigures(): Omit<Reading, 'job' | 'heap' | 'external' | 'code'> {
  return {
    rss: anonymousBytes('self') ?? process.memoryUsage.rss(),
    descriptors: openDescriptors(),
    resources: process.getActiveResourcesInfo?.().length ?? 0,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    waited: waitedMs('self'),
  }
}

/** A process, as `/proc` names it. */
type Who = number | 'self'

/** Resident bytes but for mapped files, which come and go with the page cache; undefined where the system does not tell. */
export function anonymousBytes(who: Who): number | undefined {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readStart(`/proc/${who}/status`))?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** The second figure of `schedstat`: ns for which the main thread was ready to run and another had the processor. */
export function waitedMs(who: Who): number {
  const ns = Number(readStart(`/proc/${who}/schedstat`).split(' ')[1])
  return Number.isFinite(ns) ? Math.round(ns / 1e6) : 0
}

/** The first 4 KB of a file, into memory that is taken once; empty where there is no such file. */
function readStart(file: string): string {
  let fd: number | undefined
  try {
    fd = openSync(file, 'r')
    return start.toString('latin1', 0, readSync(fd, start))
  } catch {
    // No /proc here (macOS, Windows, a sandbox), or the process has gone.
    return ''
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function openDescriptors(): number {
  for (const folder of ['/proc/self/fd', '/dev/fd']) {
    try {
      // The listing holds a descriptor of its own while it reads: one too many, each time.
      return readdirSync(folder).length - 1
    } catch {}
  }
  return 0
}
