import { readdirSync, readFileSync } from 'node:fs'

/** What the kernel says of a process: its state and its parent. Undefined once it has gone. */
function readStat(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // Its name, in brackets, may hold anything.
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** Whether a process runs: not one that has ended and was not waited for by whoever inherited it. */
export function isRunning(pid: number): boolean {
  const state = readStat(pid)?.state
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** A process and its command. */
export interface Child {
  readonly pid: number
  readonly command: string
}

/** The processes that a process has started. */
export function childrenOf(parent: number): Child[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readStat(pid)?.parent === parent && isRunning(pid))
    .map((pid) => ({ pid, command: readCommand(pid) }))
}

function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** Resolves when none of these processes runs any more, with those that do after `ms`. */
export async function gone(pids: readonly number[], ms: number): Promise<number[]> {
  const end = performance.now() + ms
  for (;;) {
    const left = pids.filter(isRunning)
    if (left.length === 0 || performance.now() > end) return left
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
