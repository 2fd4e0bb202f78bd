import { type ChildProcess, spawn } from 'node:child_process'
import { platform } from '../platform/this-platform.ts'

/** Between tries to start it again, in ms. */
const RESTART_MS = 1_000

/**
 * Ends the processes of a supervisor that dies, whatever they do by then: an event loop that never turns sees no pipe
 * close. One small process for all of them. (A watching thread in each would do the same for 7 MB and 45 ms of CPU a
 * process, at each recycle.) Started again if it dies, as long as there is anybody to guard.
 */
export class Guardian {
  readonly #living = new Set<number>()
  #process: ChildProcess | undefined
  #restart: NodeJS.Timeout | undefined

  /** Guards a process. */
  add(pid: number): void {
    this.#living.add(pid)
    if (this.#process) this.#tell(`+${pid}\n`)
    else this.#start()
  }

  /** The process has gone. */
  remove(pid: number): void {
    this.#living.delete(pid)
    this.#tell(`-${pid}\n`)
  }

  /** Ends it, and with it what it guards. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#restart)
    const guardian = this.#process
    this.#process = undefined
    if (!guardian || guardian.exitCode !== null || guardian.signalCode !== null) return
    const gone = new Promise((resolve) => guardian.once('exit', resolve))
    guardian.stdin?.end()
    await gone
  }

  #start(): void {
    clearTimeout(this.#restart)
    const { file, args } = platform.guardianCommand()
    // Whom it guards goes with its start: this process may be gone before it could be told.
    const guardian = spawn(file, [...args, ...[...this.#living].map(String)], { stdio: ['pipe', 'ignore', 'inherit'] })
    this.#process = guardian
    // It may be gone when it is told something.
    guardian.stdin?.on('error', () => {})
    const gone = (): void => {
      if (this.#process !== guardian) return
      this.#process = undefined
      this.#restart = setTimeout(() => this.#living.size > 0 && this.#start(), RESTART_MS)
    }
    guardian.once('error', gone)
    guardian.once('exit', gone)
  }

  #tell(line: string): void {
    this.#process?.stdin?.write(line)
  }
}
