import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import process from 'node:process'

/** Which process on which machine: enough for another one to tell later whether it still lives. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the kernel's ticks since boot: tells whether its pid was given to another one. Linux only. */
  readonly startTime?: string
  readonly host: string
  /** Of the running kernel: another one after each boot, the same one in all containers of a machine. Linux only. */
  readonly boot?: string
  /** Within one of these a pid means one process. Linux only. */
  readonly pidNamespace?: string
}

const IDENTITY = ['pid', 'startTime', 'host', 'boot', 'pidNamespace'] as const

/** States of /proc/<pid>/stat in which a process has ended and only waits for its parent to notice. */
const ENDED_STATES = ['Z', 'X', 'x']

/** Of `startTime` in what follows the command's name in /proc/<pid>/stat: field 22, where the state is field 3. */
const START_TIME_INDEX = 22 - 3

/** Whether two identities are of one process. */
export function isSameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return IDENTITY.every((part) => one[part] === other[part])
}

let own: Promise<ProcessIdentity> | undefined

/** This process, as others will have to recognize it. */
export function identifyProcess(): Promise<ProcessIdentity> {
  own ??= readIdentity()
  return own
}

async function readIdentity(): Promise<ProcessIdentity> {
  const [stat, boot, pidNamespace] = await Promise.all([
    readStat(process.pid),
    read(() => readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    read(() => readlink('/proc/self/ns/pid')),
  ])
  return {
    pid: process.pid,
    ...(stat && { startTime: stat.startTime }),
    host: hostname(),
    ...(boot && { boot: boot.trim() }),
    ...(pidNamespace && { pidNamespace }),
  }
}

/**
 * Whether a process of this pid namespace still runs: its pid is taken, by the process that was meant where its start
 * time is known, and that process is no zombie. In doubt, yes.
 */
export async function isRunning({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Anything else (EPERM) is said of a process that is there.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const stat = await readStat(pid)
  if (!stat) return true
  if (ENDED_STATES.includes(stat.state)) return false
  return startTime === undefined || stat.startTime === startTime
}

async function readStat(pid: number): Promise<{ state: string; startTime: string } | undefined> {
  const text = await read(() => readFile(`/proc/${pid}/stat`, 'utf8'))
  // The command's name stands in parentheses and may hold anything, parentheses too.
  const [state, ...rest] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
  const startTime = rest[START_TIME_INDEX - 1]
  return state && startTime ? { state, startTime } : undefined
}

/** What /proc says; undefined where there is none, or where it does not say it to us. */
async function read(from: () => Promise<string>): Promise<string | undefined> {
  try {
    return await from()
  } catch {
    return undefined
  }
}
