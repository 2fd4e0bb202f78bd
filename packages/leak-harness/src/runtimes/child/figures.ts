import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import type { Reading } from '../driver.ts'

const start = Buffer.alloc(4096)

/** The figures of this process but for what the engine holds, which is read right after a collection. */
export function readFigures(): Omit<Reading, 'job' | 'heap' | 'external' | 'code'> {
  return {
    rss: residentBytes(),
    descriptors: openDescriptors(),
    resources: process.getActiveResourcesInfo?.().length ?? 0,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    waited: waitedMs(),
  }
}

/** `RssAnon` leaves out mapped files, which come and go with the page cache. */
function residentBytes(): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readStart('/proc/self/status'))?.[1]
  return kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024
}

/** The second figure of `schedstat`: ns for which the main thread was ready to run and another had the processor. */
function waitedMs(): number {
  const ns = Number(readStart('/proc/self/schedstat').split(' ')[1])
  return Number.isFinite(ns) ? Math.round(ns / 1e6) : 0
}

/** The first 4 KB of a file, into memory that is taken once; empty where there is no such file. */
function readStart(file: string): string {
  let fd: number | undefined
  try {
    fd = openSync(file, 'r')
    return start.toString('latin1', 0, readSync(fd, start))
  } catch {
    // No /proc here: macOS, Windows, or a sandbox.
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
