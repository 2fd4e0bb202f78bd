import { type ChildProcess, spawn } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import type { Command } from '../platform/platform.ts'
import { IN_FD, OUT_FD } from './channel.ts'
import { IsolateDiedError } from './death.ts'
import { Journal } from './journal.ts'
import type { Line } from './lines.ts'
import { Transcript } from './transcript.ts'

/** How long what a dead process has said is waited for, in ms. */
const LAST_WORDS_MS = 250

/** Characters kept of the end of its stderr. */
const MAX_TAIL = 4_000

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it wrote to stderr. */
  readonly stderr: string
  /** Why it could not even be started. */
  readonly error: Error | undefined
}

/** What an isolate hears of its process. */
export interface ProcessListener {
  onLine(line: Line): void
  /** All lines that came together have been heard. */
  onHeard(): void
  /** It said something that is no line. */
  onNonsense(error: unknown): void
  /** It takes frames again. */
  onDrain(): void
  /** It has ended; what it said before may still come. */
  onExit(): void
  /** That was all. */
  onEnd(end: ProcessEnd): void
}

/** The process of an isolate: frames go in, lines come out, and its stderr is passed on. */
export class IsolateProcess {
  readonly #listener: ProcessListener
  readonly #process: ChildProcess
  readonly #channel: Duplex
  readonly #journal = new Journal()
  readonly #transcript: Transcript
  #frames = ''
  #tail = ''
  #exited = false

  constructor({ file, args, env }: Command, listener: ProcessListener) {
    this.#listener = listener
    this.#transcript = new Transcript((line) => listener.onLine(line))
    try {
      this.#process = spawn(file, args, {
        ...(env && { env: { ...env, ...process.env } }),
        stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'pipe', this.#journal.fd],
      })
    } catch (error) {
      this.#journal[Symbol.dispose]()
      throw error
    }
    // Where there are no descriptors left there are no streams either, and this is said later.
    this.#process.on('error', () => {})
    if (!this.#process.stderr) {
      this.#journal[Symbol.dispose]()
      throw new IsolateDiedError(`${file} could not be started: there are no descriptors or processes left`)
    }
    const errors = this.#process.stderr
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-MAX_TAIL)
      process.stderr.write(text)
    })
    const lines = this.#process.stdio[OUT_FD] as Readable
    lines.setEncoding('utf8').on('data', (text: string) => this.#hear(() => this.#transcript.readPipe(text)))
    this.#channel = this.#process.stdio[IN_FD] as Duplex
    this.#channel.on('drain', () => listener.onDrain())
    // A write to a process that has just gone: its end says more.
    for (const stream of [errors, lines, this.#channel]) stream.on('error', () => {})
    this.#watchEnd()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get exited(): boolean {
    return this.#exited
  }

  /** Whether it is behind with what it was told. */
  get isBehind(): boolean {
    return this.#channel.writableNeedDrain
  }

  /** Sends a frame. What is told in one turn of the event loop goes out in one write. */
  tell(frame: string): void {
    if (this.#frames === '') setImmediate(() => this.#flush())
    this.#frames += frame
  }

  kill(): void {
    if (!this.#exited) this.#process.kill('SIGKILL')
  }

  #flush(): void {
    const frames = this.#frames
    this.#frames = ''
    if (!this.#exited) this.#channel.write(frames)
  }

  /** Hears what it has said and not sent yet. */
  peek(): void {
    this.#hear(() => this.#transcript.readJournal(this.#journal.read()))
  }

  #hear(read: () => void): void {
    try {
      read()
    } catch (error) {
      this.#listener.onNonsense(error)
    }
    this.#listener.onHeard()
  }

  #watchEnd(): void {
    let end: Omit<ProcessEnd, 'stderr'> = { code: null, signal: null, error: undefined }
    let lastWords: NodeJS.Timeout | undefined
    let over = false
    const conclude = (): void => {
      if (over) return
      over = true
      clearTimeout(lastWords)
      for (const stream of this.#process.stdio) stream?.destroy()
      this.peek()
      this.#journal[Symbol.dispose]()
      this.#listener.onEnd({ ...end, stderr: this.#tail })
    }
    const exited = (how: Partial<ProcessEnd>): void => {
      if (this.#exited) return
      this.#exited = true
      end = { ...end, ...how }
      this.#listener.onExit()
      // What it started may hold its pipes open after it has gone.
      lastWords = setTimeout(conclude, LAST_WORDS_MS)
      this.#process.once('close', conclude)
    }
    this.#process.once('error', (error) => exited({ error }))
    this.#process.once('exit', (code, signal) => exited({ code, signal }))
  }
}
