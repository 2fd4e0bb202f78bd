/** How long a page may take for what is waited for, in ms: far more than it needs. */
const TIMEOUT_MS = 30_000

/** Between two looks at a page in which nothing changes, in ms. */
const LOOK_MS = 250

/** Sends a command of the debugging protocol to a page. */
export type Send = <Result>(method: string, params?: object) => Promise<Result>

/** Keys that can be pressed, with their codes. */
const KEYS = { Tab: 9, Enter: 13, Escape: 27, ' ': 32, End: 35, Home: 36, ArrowLeft: 37, ArrowRight: 39 } as const

/** What the browser says when a page was left before it has answered. */
const LEFT = /navigated or closed|context|collected/

/** What keys type. */
const TYPED: Readonly<Record<string, string>> = { Enter: '\r', ' ': ' ' }

interface Evaluated<Value> {
  readonly result: { readonly value: Value }
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } }
}

/** What became of a wait: it holds; or not within its time, with what the expression threw at last. */
interface Looked {
  readonly holds: boolean
  readonly thrown: string | null
}

/** A page of a `Browser`: opened by it, and closed with it if not before. */
export class Page {
  /** What it complained of so far: exceptions, errors, warnings, violations of its policy, answers that failed. */
  readonly complaints: string[] = []
  readonly #send: Send

  constructor(send: Send) {
    this.#send = send
  }

  /** Has it tell of what happens in it. */
  async prepare(): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'HeapProfiler', 'Audits'])
      await this.#send(`${domain}.enable`)
  }

  /** Collects what goes wrong in it. */
  hear(method: string, params: Record<string, unknown>): void {
    const isComplaint =
      ['Runtime.exceptionThrown', 'Audits.issueAdded', 'Log.entryAdded'].includes(method) ||
      (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(String(params['type'])))
    if (isComplaint) this.complaints.push(JSON.stringify(params))
  }

  /** As wide and high, in CSS pixels, and as dark as wanted. `scale`: pixels of the screen for one of CSS. */
  async view(width: number, height: number, scheme: 'light' | 'dark' = 'light', scale = 1): Promise<void> {
    const size = { width, height, deviceScaleFactor: scale, mobile: width < 500 }
    await this.#send('Emulation.setDeviceMetricsOverride', size)
    await this.#send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
  }

  /** Goes to an address, and waits until all of it is there. */
  async goto(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
    await this.until(`location.href !== 'about:blank' && document.readyState === 'complete'`)
  }

  /** The value of an expression in the page; promises are waited for. Throws what it throws. */
  async ask<Value>(expression: string): Promise<Value> {
    // As somebody does who is there: a page that goes elsewhere by itself is complained of.
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
    const { result, exceptionDetails } = await this.#send<Evaluated<Value>>('Runtime.evaluate', options)
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /**
   * Waits until an expression holds, looked at with each change of the page and four times a second; also across pages.
   * One that throws does not hold yet. Throws after `timeoutMs`, with what the page shows then.
   */
  async until(expression: string, timeoutMs: number = TIMEOUT_MS): Promise<void> {
    const end = performance.now() + timeoutMs
    let failure: unknown
    for (let left = timeoutMs; left > 0; left = end - performance.now()) {
      try {
        const { holds, thrown } = await this.ask<Looked>(looking(expression, left))
        if (holds) return
        failure = thrown
      } catch (error) {
        // Where the page that was asked has been left, the next one answers.
        if (!LEFT.test(String(error))) throw error
        failure = error
      }
    }
    const shown = await this.ask<string>('document.body.innerText')
    throw new Error(`did not come within ${timeoutMs} ms: ${expression}\n${shown}`, { cause: failure })
  }

  /** Clicks on what a selector finds, once it is there. */
  async click(selector: string): Promise<void> {
    const found = `document.querySelector(${JSON.stringify(selector)})`
    await this.until(found)
    await this.ask(`${found}.click()`)
  }

  /** Presses a key, as a hand would. */
  async press(key: keyof typeof KEYS, shift = false): Promise<void> {
    const event = {
      key,
      code: key === ' ' ? 'Space' : key,
      windowsVirtualKeyCode: KEYS[key],
      modifiers: shift ? 8 : 0,
      text: TYPED[key],
    }
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.#send('Input.insertText', { text })
  }

  /** Moves the mouse to a place in view, in CSS pixels. */
  async point(x: number, y: number): Promise<void> {
    await this.#send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y })
  }

  /** What screen readers are told: role and name of each element that they see. */
  async accessibility(): Promise<{ readonly role: string; readonly name: string }[]> {
    const { nodes } = await this.#send<{
      readonly nodes: { ignored: boolean; role?: { value: string }; name?: { value: string } }[]
    }>('Accessibility.getFullAXTree')
    return nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }))
  }

  /** A PNG of it from one height to another, in CSS pixels; default: all of it. */
  async screenshot(from = 0, to?: number): Promise<Buffer> {
    const [width, height] = await this.ask<[number, number]>('[innerWidth, document.documentElement.scrollHeight]')
    const clip = { x: 0, y: from, width, height: (to ?? height) - from, scale: 1 }
    const shot = { clip, captureBeyondViewport: true }
    return Buffer.from((await this.#send<{ data: string }>('Page.captureScreenshot', shot)).data, 'base64')
  }

  /** Bytes of its heap that are in use, after a collection. */
  async heapUsed(): Promise<number> {
    await this.#send('HeapProfiler.collectGarbage')
    await this.#send('HeapProfiler.collectGarbage')
    return (await this.#send<{ usedSize: number }>('Runtime.getHeapUsage')).usedSize
  }

  /** Elements, listeners and documents that are alive. */
  counters(): Promise<{ readonly nodes: number; readonly jsEventListeners: number; readonly documents: number }> {
    return this.#send('Memory.getDOMCounters')
  }

  /** Closes it. */
  async close(): Promise<void> {
    await this.#send('Page.close')
  }
}

/** An expression that waits in the page for another one to hold. */
function looking(expression: string, timeoutMs: number): string {
  return `new Promise((resolve) => {
    let thrown = null
    const end = (holds) => {
      observer.disconnect()
      clearInterval(timer)
      clearTimeout(last)
      resolve({ holds, thrown })
    }
    const look = () => {
      try {
        if (${expression}) end(true)
      } catch (error) {
        thrown = String(error)
      }
    }
    const observer = new MutationObserver(look)
    const timer = setInterval(look, ${LOOK_MS})
    const last = setTimeout(() => end(false), ${timeoutMs})
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    look()
  })`
}
