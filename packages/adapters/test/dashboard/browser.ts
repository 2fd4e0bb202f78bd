import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** How long the page may take for what is waited for, in ms: far more than it needs. */
const TIMEOUT_MS = 30_000

/** The browser on the PATH. Throws where there is none, with what mends it. */
function findChromium(): string {
  const paths = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  const found = paths.find((path) => existsSync(path))
  if (found === undefined)
    throw new Error(`there is no browser on the PATH (${NAMES.join(', ')}); install one: apt-get install -y chromium`)
  return found
}

/** What a page said that it should not have: errors, warnings, violations of its policy, answers that failed. */
type Complaint = string

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: unknown
  readonly error?: { readonly message: string }
  readonly sessionId?: string
}

/** A real Chromium without a window, spoken to over its debugging pipe: JSON messages that end with a zero byte. */
export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #waiting = new Map<number, (message: Message) => void>()
  readonly #listeners = new Map<string, (message: Message) => void>()
  #id = 0

  private constructor(process: ChildProcess, folder: string) {
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
    const folder = await mkdtemp(join(tmpdir(), 'isobar-browser-'))
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-pipe']
    const child = spawn(findChromium(), [...args, `--user-data-dir=${folder}/profile`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      cwd: folder,
    })
    return new Browser(child, folder)
  }

  /** Opens an empty page. */
  async open(): Promise<Page> {
    const { targetId } = (await this.send('Target.createTarget', { url: 'about:blank' })) as { targetId: string }
    const { sessionId } = (await this.send('Target.attachToTarget', { targetId, flatten: true })) as {
      sessionId: string
    }
    const page = new Page((method, params) => this.send(method, params, sessionId))
    this.#listeners.set(sessionId, ({ method, params }) => page.hear(method ?? '', params ?? {}))
    await page.prepare()
    return page
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<unknown> {
    const id = ++this.#id
    const input = this.#process.stdio[3] as Writable
    input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      )
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    await this.send('Browser.close')
    await ended
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #hear(message: Message): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message)
      this.#waiting.delete(message.id)
    } else if (message.sessionId) this.#listeners.get(message.sessionId)?.(message)
  }
}

/** One page. */
export class Page {
  /** What it complained of so far. */
  readonly complaints: Complaint[] = []
  readonly #send: (method: string, params?: object) => Promise<unknown>

  constructor(send: (method: string, params?: object) => Promise<unknown>) {
    this.#send = send
  }

  async prepare(): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'HeapProfiler', 'Audits'])
      await this.#send(`${domain}.enable`)
  }

  /** Collects what goes wrong in it. */
  hear(method: string, params: Record<string, unknown>): void {
    if (method === 'Runtime.exceptionThrown' || method === 'Audits.issueAdded')
      this.complaints.push(JSON.stringify(params))
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(String(params['type'])))
      this.complaints.push(JSON.stringify(params))
    if (method === 'Log.entryAdded') this.complaints.push(JSON.stringify(params))
  }

  /** As wide, high and dark as wanted. */
  async view(width: number, height: number, scheme: 'light' | 'dark' = 'light', scale = 1): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: scale,
      mobile: width < 500,
    })
    await this.#send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  }

  async goto(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
    await this.until(`location.href !== 'about:blank' && document.readyState === 'complete'`)
  }

  /** The value of an expression in the page; promises are waited for. */
  async ask<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string }; text: string } }
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Waits until an expression holds, looked at with each change of the page, and each second. */
  async until(expression: string, timeoutMs: number = TIMEOUT_MS): Promise<void> {
    const holds = await this.ask<boolean>(`new Promise((resolve) => {
      const look = () => {
        if (!(${expression})) return
        observer.disconnect()
        clearInterval(timer)
        clearTimeout(end)
        resolve(true)
      }
      const observer = new MutationObserver(look)
      const timer = setInterval(look, 250)
      const end = setTimeout(() => { observer.disconnect(); clearInterval(timer); resolve(false) }, ${timeoutMs})
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
      look()
    })`)
    if (!holds)
      throw new Error(
        `did not come within ${timeoutMs} ms: ${expression}\n${await this.ask('document.body.innerText')}`,
      )
  }

  /** Presses a key, as a hand would. */
  async press(key: 'Tab' | 'Enter' | 'Escape' | ' ', shift = false): Promise<void> {
    const code = { Tab: 9, Enter: 13, Escape: 27, ' ': 32 }[key]
    const event = {
      key,
      code: key === ' ' ? 'Space' : key,
      windowsVirtualKeyCode: code,
      modifiers: shift ? 8 : 0,
      ...(key === 'Enter' && { text: '\r' }),
      ...(key === ' ' && { text: ' ' }),
    }
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text })
  }

  /** Moves the mouse to a place in view. */
  async point(x: number, y: number): Promise<void> {
    await this.#send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y })
  }

  /** What screen readers are told: role and name of each element that they see. */
  async accessibility(): Promise<{ readonly role: string; readonly name: string }[]> {
    const { nodes } = (await this.#send('Accessibility.getFullAXTree')) as {
      nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[]
    }
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }))
  }

  /** Closes it. */
  async close(): Promise<void> {
    await this.#send('Page.close')
  }

  /** A PNG of it from one height to another, in CSS pixels. */
  async screenshot(from: number, to: number): Promise<Buffer> {
    const clip = { x: 0, y: from, width: await this.ask<number>('innerWidth'), height: to - from, scale: 1 }
    const { data } = (await this.#send('Page.captureScreenshot', { clip, captureBeyondViewport: true })) as {
      data: string
    }
    return Buffer.from(data, 'base64')
  }

  /** Bytes of its heap that are in use, after a collection. */
  async heapUsed(): Promise<number> {
    await this.#send('HeapProfiler.collectGarbage')
    await this.#send('HeapProfiler.collectGarbage')
    const { usedSize } = (await this.#send('Runtime.getHeapUsage')) as { usedSize: number }
    return usedSize
  }

  /** Elements, listeners and documents that are alive. */
  async counters(): Promise<{ readonly nodes: number; readonly jsEventListeners: number; readonly documents: number }> {
    return (await this.#send('Memory.getDOMCounters')) as { nodes: number; jsEventListeners: number; documents: number }
  }
}
