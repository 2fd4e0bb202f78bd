import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { createFolder, type TestFolder } from '../folder.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** How long a page may take for what is waited for, in ms: far more than it needs. */
const TIMEOUT_MS = 30_000

/** Between two looks at a page, in ms. */
const LOOK_MS = 100

/** The browser on the PATH. */
function findChromium(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  const found = paths.find((path) => existsSync(path))
  if (found) return found
  throw new Error(`there is no browser on the PATH (${NAMES.join(', ')}); install one: apt-get install -y chromium`)
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: object
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** A real Chromium without a window, with one page, spoken to over its debugging pipe. Disposing closes it. */
export class Browser implements AsyncDisposable {
  /** What the page complained of: exceptions, errors, violations of its policy, answers that failed. */
  readonly complaints: string[] = []
  readonly #process: ChildProcess
  readonly #folder: TestFolder
  readonly #waiting = new Map<number, (message: Message) => void>()
  #session: string | undefined
  #id = 0

  private constructor(process: ChildProcess, folder: TestFolder) {
    this.#process = process
    this.#folder = folder
    let rest = ''
    const output = process.stdio[4] as Readable
    output.setEncoding('utf8').on('data', (chunk: string) => {
      const texts = (rest + chunk).split('\0')
      rest = texts.pop() ?? ''
      for (const text of texts) this.#hear(JSON.parse(text) as Message)
    })
  }

  static async start(): Promise<Browser> {
    const folder = await createFolder()
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-pipe']
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const
    const child = spawn(findChromium(), [...args, `--user-data-dir=${folder.path}`], { stdio: [...stdio] })
    const browser = new Browser(child, folder)
    const { targetId } = await browser.#send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' })
    const attached = await browser.#send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
    browser.#session = attached.sessionId
    for (const domain of ['Page', 'Runtime', 'Log', 'Audits']) await browser.#send(`${domain}.enable`)
    return browser
  }

  /** As wide, high and dark as wanted. */
  async view(width: number, height: number, scheme: 'light' | 'dark' = 'light'): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: width < 500 }
    await this.#send('Emulation.setDeviceMetricsOverride', size)
    await this.#send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  }

  async goto(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
    await this.until(`location.href !== 'about:blank' && document.readyState === 'complete'`)
  }

  /** The value of an expression in the page; promises are waited for. */
  async ask<Value>(expression: string): Promise<Value> {
    // As somebody does who is there: a page that goes elsewhere by itself is complained of.
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
    const { result, exceptionDetails } = await this.#send<{
      readonly result: { readonly value: Value }
      readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } }
    }>('Runtime.evaluate', options)
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Waits until an expression holds, also across pages. */
  async until(expression: string, timeoutMs: number = TIMEOUT_MS): Promise<void> {
    const end = performance.now() + timeoutMs
    let failed: unknown
    while (performance.now() < end) {
      try {
        if (await this.ask(`new Promise((resolve) => setTimeout(() => resolve(Boolean(${expression})), ${LOOK_MS}))`))
          return
      } catch (error) {
        // The page that was asked may have been about to be left. Then the next one answers.
        failed = error
      }
    }
    const page = await this.ask('document.body.innerText')
    throw new Error(`did not come within ${timeoutMs} ms: ${expression}\n${page}`, { cause: failed })
  }

  /** Clicks on what a selector finds. */
  async click(selector: string): Promise<void> {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`)
    await this.ask(`document.querySelector(${JSON.stringify(selector)}).click()`)
  }

  /** A PNG of all of the page. */
  async screenshot(): Promise<Buffer> {
    const [width, height] = await this.ask<[number, number]>('[innerWidth, document.documentElement.scrollHeight]')
    const clip = { x: 0, y: 0, width, height, scale: 1 }
    const shot = { clip, captureBeyondViewport: true }
    return Buffer.from((await this.#send<{ data: string }>('Page.captureScreenshot', shot)).data, 'base64')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#session = undefined
    await this.#send('Browser.close')
    await ended
    await this.#folder[Symbol.asyncDispose]()
  }

  #send<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#id
    const sessionId = this.#session
    ;(this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result as Result),
      )
    })
  }

  #hear({ id, method = '', params = {}, result, error }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ ...(error ? { error } : { result }) })
      this.#waiting.delete(id)
    } else if (['Runtime.exceptionThrown', 'Log.entryAdded', 'Audits.issueAdded'].includes(method)) {
      this.complaints.push(JSON.stringify(params))
    }
  }
}
