import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { HarnessError } from '../errors.ts'
import { CHANNEL_VARIABLE, type Command, type Message } from './child/commands.ts'
import type { DebugRequest } from './debug.ts'
import type { StartOptions } from './driver.ts'
import { guard } from './guardian.ts'
import { MarkedLines } from './marked-lines.ts'
import { OutputTail } from './output-tail.ts'

/** Starting a process and loading the module may take this long, in ms, when the stall limit is shorter. */
export const LOAD_LIMIT_MS = 60_000

/** How long what a process wrote last is waited for once it has gone, in ms. */
const DRAIN_MS = 1_000

/** Characters that one message may have. */
const MAX_MESSAGE_LENGTH = 64 * 1024 * 1024

/** What a `RuntimeProcess` is started with. */
export interface RuntimeProcessOptions extends StartOptions {
  /** The runtime's program. */
  readonly file: string
  /** Its arguments, before the script. */
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Where the process' and the harness' words go: over a descriptor of their own, or with what the module prints. */
  readonly channel: 'own' | 'output'
  /** Has the debugger of the process do something. */
  readonly debug: (process: RuntimeProcess, request: DebugRequest) => Promise<void>
}

/** Descriptor of the harness' own channel, where it has one. */
const CHANNEL_FD = 3

/** Why a process is silent, and what to do, by what it was doing. */
const STALLS: { readonly [Doing in Command['do']]?: string } & { readonly run: string } = {
  load: 'the module did not load, or its set-up did not end; mend it, or raise --stall for a slow one',
  run: 'a job never settled, or its loop never ended; give jobs a timeout of their own, or raise --stall for slow ones',
  end: 'the teardown did not end',
}

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: HarnessError) => void
}

/**
 * A process of a runtime that runs `child.ts`, as the parent holds it.
 *
 * It is `idle` until a command is sent, `busy` until that is answered or fails, and `ended` once the process is gone or
 * was ended: by itself, by a stall, by the signal or by being disposed. What ends it fails the command that is under
 * way, and each later one.
 */
export class RuntimeProcess implements AsyncDisposable {
  readonly #options: RuntimeProcessOptions
  readonly #child: ChildProcess
  readonly #output: OutputTail
  readonly #closed: Promise<void>
  #pending: Pending | undefined
  #ended: HarnessError | undefined
  #watchdog: NodeJS.Timeout | undefined
  #limitMs = 0
  #doing: Command['do'] = 'load'
  #jobs = 0
  readonly #channel: Duplex
  readonly #lines: MarkedLines

  constructor(options: RuntimeProcessOptions) {
    this.#options = options
    const { file, flags, cwd, env, environment, signal } = options
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const script = fileURLToPath(new URL(`./child/child.${extension}`, import.meta.url))
    const isOwn = options.channel === 'own'
    // What a module prints cannot look like the harness' own, which comes with a mark that nobody knows.
    const mark = isOwn ? '' : `\u0001${randomUUID()} `
    this.#child = spawn(file, [...flags, script], {
      cwd,
      env: { ...process.env, ...env, ...environment, [CHANNEL_VARIABLE]: isOwn ? `${CHANNEL_FD}` : `0,1,${mark}` },
      stdio: isOwn ? ['ignore', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe'],
    })
    const release = this.#child.pid === undefined ? undefined : guard(this.#child.pid)
    const [input, stdout, stderr] = this.#child.stdio
    this.#channel = (isOwn ? this.#child.stdio[CHANNEL_FD] : input) as Duplex
    const channel = (isOwn ? this.#channel : stdout) as Readable
    this.#lines = new MarkedLines(mark, MAX_MESSAGE_LENGTH)
    this.#output = new OutputTail(stderr as Readable)
    if (isOwn) this.#output.follow(stdout as Readable)
    channel.setEncoding('utf8').on('data', (text: string) => this.#onText(text))
    // A write to a process that has just gone: the process' own end says more.
    this.#channel.on('error', () => {})
    const killed = (): void =>
      this.#end(
        new HarnessError('HARNESS_ABORTED', `the run was aborted after about ${this.#jobs} jobs`, {
          cause: signal.reason,
        }),
      )
    this.#closed = new Promise((resolve) => {
      this.#child.once('error', (cause) =>
        this.#end(new HarnessError('HARNESS_EXITED', `cannot start ${file}: ${cause.message}`, { cause })),
      )
      const gone = (code: number | null, exitSignal: NodeJS.Signals | null): void => {
        signal.removeEventListener('abort', killed)
        release?.()
        this.#end(this.#exitError(code, exitSignal))
        for (const stream of this.#child.stdio) stream?.destroy()
        resolve()
      }
      this.#child.once('close', gone)
      // What the process started may hold its streams open after it has gone.
      this.#child.once('exit', (code, exitSignal) => setTimeout(gone, DRAIN_MS, code, exitSignal).unref())
    })
    if (signal.aborted) killed()
    else signal.addEventListener('abort', killed, { once: true })
  }

  /**
   * Sends a command and waits for its answer, as long as something is heard every `stallMs`; `extraMs` is added where
   * silence is what was asked for.
   */
  ask<Answer>(command: Command, extraMs = 0): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      this.#pending = { resolve, reject }
      this.#doing = command.do
      this.#limitMs =
        extraMs + (command.do === 'load' ? Math.max(LOAD_LIMIT_MS, this.#options.stallMs) : this.#options.stallMs)
      this.#watch()
      // The other side reads bytes one by one: ASCII only.
      const text = JSON.stringify(command).replace(
        /[\u0080-\uffff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      this.#channel.write(`${text}\n`)
    })
  }

  /** Waits until the process has gone by itself, or so many ms have passed. */
  async gone(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const passed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([this.#closed, passed])
    clearTimeout(timer)
  }

  /** Ends the process if it has not ended. Can be called at any time, and again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new HarnessError('HARNESS_ABORTED', 'the process was ended'))
    await this.#closed
  }

  #onText(text: string): void {
    const lines = this.#lines.add(text, (printed) => this.#output.add(printed))
    if (lines) for (const line of lines) this.#onLine(line)
    else this.#end(new HarnessError('HARNESS_PROTOCOL', 'the process under test sent an endless message'))
  }

  #onLine(line: string): void {
    try {
      this.#onMessage(JSON.parse(line) as Message)
    } catch (cause) {
      const problem = 'something else wrote into the words of the harness in the process under test'
      this.#end(new HarnessError('HARNESS_PROTOCOL', problem, { cause }))
    }
  }

  #onMessage(message: Message): void {
    switch (message.say) {
      case 'progress':
        this.#jobs = message.jobs
        this.#watch()
        this.#options.onProgress(message.jobs)
        break
      case 'debug':
        this.#options.debug(this, message.request).catch((error: unknown) => this.#end(toHarnessError(error)))
        break
      case 'exit':
        this.#jobs = message.jobs
        break
      case 'failed':
        this.#settle()?.reject(new HarnessError(message.code, message.message))
        break
      case 'answer':
        this.#settle()?.resolve(message.value as never)
        break
    }
  }

  /**
   * The first group of what the process says on its standard error, as soon as it has said something like this.
   * @throws {HarnessError} `HARNESS_PROTOCOL` when it ends without.
   */
  async heard(pattern: RegExp): Promise<string> {
    const found = await this.#output.heard(pattern)
    if (found?.[1] !== undefined) return found[1]
    throw new HarnessError('HARNESS_PROTOCOL', 'the process under test ended before its debugger listened')
  }

  #settle(): Pending | undefined {
    clearTimeout(this.#watchdog)
    const pending = this.#pending
    this.#pending = undefined
    return pending
  }

  #watch(): void {
    clearTimeout(this.#watchdog)
    if (!this.#pending) return
    this.#watchdog = setTimeout(() => {
      const silence = `nothing was heard of the process under test for ${this.#limitMs / 1000} s, after about ${this.#jobs} jobs`
      this.#end(new HarnessError('HARNESS_STALLED', `${silence}: ${STALLS[this.#doing] ?? STALLS.run}`))
    }, this.#limitMs)
  }

  #end(error: HarnessError): void {
    if (this.#ended) return
    this.#ended = error
    this.#settle()?.reject(error)
    this.#child.kill('SIGKILL')
  }

  #exitError(code: number | null, signal: NodeJS.Signals | null): HarnessError {
    const output = this.#output.text()
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`
    const last = output === '' ? '' : `; the last it wrote:\n${output}`
    if (/heap out of memory|Allocation failed/.test(output)) {
      return new HarnessError(
        'HARNESS_OUT_OF_MEMORY',
        `the process under test ran out of memory after ${this.#jobs} jobs; replay fewer jobs (--jobs) to see what grows${last}`,
      )
    }
    return new HarnessError(
      'HARNESS_EXITED',
      `the process under test ended ${how} after ${this.#jobs} jobs; a handler must not end or crash its process${last}`,
    )
  }
}

function toHarnessError(error: unknown): HarnessError {
  return error instanceof HarnessError ? error : new HarnessError('HARNESS_PROTOCOL', String(error), { cause: error })
}
