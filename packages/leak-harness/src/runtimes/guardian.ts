import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Ends the processes that it was told of once its standard input closes: its parent is gone then, however it ended. It
 * has a group of its own and hears no signal of a terminal, so that it outlives its parent.
 */
const SCRIPT = `
const pids = new Set()
let text = ''
process.on('SIGINT', () => {}).on('SIGTERM', () => {}).on('SIGHUP', () => {})
process.stdin.setEncoding('utf8').on('data', (more) => {
  const lines = (text + more).split('\\n')
  text = lines.pop()
  for (const line of lines) line[0] === '+' ? pids.add(Number(line.slice(1))) : pids.delete(Number(line.slice(1)))
}).on('error', () => {}).on('close', () => {
  for (const pid of pids) try { process.kill(pid, 'SIGKILL') } catch {}
  process.exit()
})`

let guardian: ChildProcess | undefined

/** Those that have not ended: a guardian that takes another's place hears of all of them. */
const guarded = new Set<number>()

/**
 * Has a process ended when this one is gone, though it may be in a loop that never ends by then. One small process looks
 * after all of them; it is started with the first.
 * @returns what to call once the process has ended
 */
export function guard(pid: number): () => void {
  guarded.add(pid)
  tell(`+${pid}`)
  return () => {
    guarded.delete(pid)
    tell(`-${pid}`)
  }
}

function tell(line: string): void {
  if (!guardian || guardian.exitCode !== null || guardian.signalCode !== null) {
    guardian = spawn(process.execPath, ['-e', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    })
    // It holds nothing up, and where it cannot be had the processes are ended by their owners alone.
    guardian.on('error', () => {})
    guardian.unref()
    guardian.stdin?.on('error', () => {})
    ;(guardian.stdin as unknown as { unref?(): void } | null)?.unref?.()
    for (const pid of guarded) guardian.stdin?.write(`+${pid}\n`)
  }
  guardian.stdin?.write(`${line}\n`)
}
