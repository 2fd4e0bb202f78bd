import { readFileSync } from 'node:fs'

/** What the kernel counts CPU in, in ms. */
const TICK_MS = 10

/** What a process and those that it started have used, and have. */
export interface ProcessStat {
  /** CPU of the process, in ms. */
  readonly ownMs: number
  /** CPU of its children that have ended and of theirs, in ms. */
  readonly endedMs: number
}

/** Reads a line of `/proc/PID/stat`. */
export function parseStat(line: string): ProcessStat {
  // The second field is a name in parentheses, with whatever in it.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const ticks = (...indexes: readonly number[]): number =>
    indexes.reduce((sum, index) => sum + Number(fields[index]), 0) * TICK_MS
  return { ownMs: ticks(11, 12), endedMs: ticks(13, 14) }
}

/** Reads a size in `/proc/PID/status`, in bytes; 0 where there is none. */
export function parseStatus(status: string, name: 'VmHWM' | 'VmRSS'): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1_024
}

/** The processes that the main thread of this one has started and that live. Linux only. */
export function readChildren(): number[] {
  const { pid } = process
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

/**
 * CPU that this process and all that it started have used so far, in ms, in steps of 10: those that live and those that
 * have ended. Linux only.
 */
export function readTreeCpuMs(): number {
  const { user, system } = process.cpuUsage()
  const { endedMs } = parseStat(readFileSync('/proc/self/stat', 'utf8'))
  return readChildren().reduce((sum, pid) => sum + readCpuMs(pid), (user + system) / 1_000 + endedMs)
}

/** CPU of a process and of what it has started and outlived, in ms; 0 when it has gone: its parent's count has it then. */
export function readCpuMs(pid: number): number {
  const stat = readOf(pid, 'stat')
  if (stat === undefined) return 0
  const { ownMs, endedMs } = parseStat(stat)
  return ownMs + endedMs
}

/** Resident memory of a process, in bytes, now or at its most so far; 0 when it has gone. */
export function readMemoryOf(pid: number, which: 'now' | 'peak'): number {
  return parseStatus(readOf(pid, 'status') ?? '', which === 'now' ? 'VmRSS' : 'VmHWM')
}

function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return undefined
  }
}
