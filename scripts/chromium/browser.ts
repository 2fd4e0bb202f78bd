import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { Page } from './page.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A page that is left is gone, and what was asked of it is refused: kept for the way back, it would not answer. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--hide-scrollbars',
  '--disable-features=BackForwardCache',
  '--remote-debugging-pipe',
]

/** The browser on the PATH. Throws where there is none, with what mends it. */
function findChromium(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  const found = paths.find((path) => existsSync(path))
  if (found) return found
  throw new Error(`there is no browser on the PATH (${NAMES.join(', ')}); install one: apt-get install -y chromium`)
}

/** An answer to what was sent, which has its id, or an event of a page. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly sessionId?: string
}

interface Waiting {
  readonly method: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * A real Chromium without a window, spoken to over its debugging pipe: JSON messages that end with a zero byte. Disposing
 * closes it, with its pages, and removes its profile; when the pipe ends, as with this process, it closes by itself.
 */
export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #waiting = new Map<number, Waiting>()
  readonly #pages = new Map<string, Page>()
  #id = 0
  /** Why nothing is answered any more. */
  #ended: string | undefined

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process
    this.#folder = folder
    let rest = ''
    const [, , , input, output] = process.stdio as [null, null, null, Writable, Readable]
    output.setEncoding('utf8').on('data', (chunk: string) => {
      const texts = (rest + chunk).split('\0')
      rest = texts.pop() ?? ''
      for (const text of texts) this.#hear(JSON.parse(text) as Message)
    })
    // Whoever waits is told by the exit.
    input.on('error', () => {})
    process.once('exit', (code, signal) => this.#end(`the browser has ended (${signal ?? code})`))
  }

  /** Starts it, with a profile of its own. Throws where there is no browser on the PATH. */
  static async start(): Promise<Browser> {
    const program = findChromium()
    const folder = await mkdtemp(join(tmpdir(), 'isobar-browser-'))
    const child = spawn(program, [...ARGUMENTS, `--user-data-dir=${folder}/profile`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      cwd: folder,
    })
    return new Browser(child, folder)
  }

  /** Opens an empty page. */
  async open(): Promise<Page> {
    const { targetId } = await this.#send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' })
    const attach = { targetId, flatten: true }
    const { sessionId } = await this.#send<{ sessionId: string }>('Target.attachToTarget', attach)
    const page = new Page((method, params) => this.#send(method, params, sessionId))
    this.#pages.set(sessionId, page)
    await page.prepare()
    return page
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      const ended = once(this.#process, 'exit')
      // It may end before it has answered.
      await this.#send('Browser.close').catch(() => {})
      await ended
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #send<Result>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended) return reject(new Error(`${method}: ${this.#ended}`))
      const id = ++this.#id
      this.#waiting.set(id, { method, resolve, reject })
      const input = this.#process.stdio[3] as Writable
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    }) as Promise<Result>
  }

  #hear({ id, method = '', params = {}, result, error, sessionId = '' }: Message): void {
    if (id === undefined) {
      this.#pages.get(sessionId)?.hear(method, params)
      return
    }
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error) waiting?.reject(new Error(`${waiting.method}: ${error.message}`))
    else waiting?.resolve(result)
  }

  #end(reason: string): void {
    this.#ended = reason
    for (const { method, reject } of this.#waiting.values()) reject(new Error(`${method}: ${reason}`))
    this.#waiting.clear()
  }
}
