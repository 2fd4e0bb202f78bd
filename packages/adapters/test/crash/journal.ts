import { existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** What a handler says of itself. Written where the broker has no part in it. */
export interface Entry {
  /** `start`: first of all. `fail`, `end`: last of all, before it throws or returns. `crash`: before it ends its process. */
  readonly what: 'start' | 'fail' | 'end' | 'crash'
  readonly name: string
  readonly id: string
  readonly attempt: number
  /** Of a `start`. */
  readonly crashes?: number
  /** Of a follow-up: whose. */
  readonly of?: string
  /** Of a `crash`: in which way. */
  readonly how?: string
}

/** An entry with its time, in ms by a clock that all processes of the machine share, and its process. */
export type TimedEntry = Entry & { readonly at: number; readonly pid?: number }

/** Opens the journal of this process, in a folder where each process has its own. What is written survives a kill -9. */
export function openJournal(folder: string): (entry: Entry) => void {
  const file = openSync(join(folder, `${process.pid}.jsonl`), 'a')
  return (entry) => {
    const timed: TimedEntry = {
      ...entry,
      // Each runtime counts `hrtime` from where it likes.
      at: performance.timeOrigin + performance.now(),
      pid: process.pid,
    }
    writeSync(file, `${JSON.stringify(timed)}\n`)
  }
}

/** Reads the journals of a folder, in the order of time. */
export function readJournal(folder: string): TimedEntry[] {
  return readdirSync(folder)
    .flatMap((name) => readEntries(join(folder, name)))
    .sort((a, b) => a.at - b.at)
}

/** Jobs that a process has started and neither ended nor failed. */
export function readUnfinished(folder: string, pid: number): TimedEntry[] {
  const file = join(folder, `${pid}.jsonl`)
  const open = new Map<string, TimedEntry>()
  for (const entry of existsSync(file) ? readEntries(file) : []) {
    if (entry.what === 'start') open.set(entry.id, entry)
    else open.delete(entry.id)
  }
  return [...open.values()]
}

/** What stands in a journal so far; the end of what is being written does not yet. */
function readEntries(file: string): TimedEntry[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line): TimedEntry => JSON.parse(line))
}
