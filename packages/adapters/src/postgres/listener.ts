import type { Database, Unlisten } from './database.ts'

/** How long the test message may take, in ms. */
const TEST_MS = 3_000

/** Between two tries to listen again, in ms: doubled from the first to the second. */
const RETRY_MS: { readonly first: number; readonly most: number } = { first: 500, most: 60_000 }

/** What a message that tests the subscription starts with; no queue has such a name. */
const TEST = '\u0001test '

/** What a listener works with. */
export interface ListenerOptions {
  readonly database: Database
  readonly channel: string
  /** A queue has changed. Without a name: many may have, as nothing was heard for a while. */
  readonly onChange: (queue?: string) => void
  readonly onNotice: (message: string) => void
}

/**
 * Hears of changed queues, and knows whether it does: a pooler of transactions takes LISTEN without an error and delivers
 * nothing, so that each subscription is tested with a message of its own.
 *
 *     off ──start──► connecting ──test arrives──► listening
 *      ▲                │  ▲                          │
 *      └──stop──── waiting ◄──fails, or is silent ────┘ connection ends
 */
export class Listener {
  readonly #options: ListenerOptions
  #started = false
  #stopped = false
  #isListening = false
  #unlisten: Unlisten | undefined
  #retry: NodeJS.Timeout | undefined
  #retryMs = RETRY_MS.first
  #told = false
  #connecting: Promise<void> | undefined
  #endTest: ((arrived: boolean) => void) | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Whether changes are heard of now. */
  get isListening(): boolean {
    return this.#isListening
  }

  /** Starts to listen, once. */
  start(): void {
    if (this.#started || this.#stopped || !this.#options.database.listen) return
    this.#started = true
    this.#connecting = this.#connect()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#isListening = false
    clearTimeout(this.#retry)
    this.#endTest?.(false)
    await this.#connecting
    await this.#end()
  }

  async #connect(): Promise<void> {
    let problem: string
    try {
      if (await this.#listens()) {
        this.#isListening = true
        this.#retryMs = RETRY_MS.first
        this.#told = false
        this.#options.onChange()
        return
      }
      problem = 'LISTEN was taken but nothing arrives, as behind a pooler of transactions'
    } catch (error) {
      problem = `LISTEN failed: ${String(error)}`
    }
    await this.#end()
    this.#again(problem)
  }

  /** Subscribes, and answers whether a message of its own arrives. */
  async #listens(): Promise<boolean> {
    const { database, channel, onChange } = this.#options
    const test = `${TEST}${crypto.randomUUID()}`
    let timer: NodeJS.Timeout | undefined
    const arrival = new Promise<boolean>((resolve) => {
      this.#endTest = resolve
    })
    try {
      this.#unlisten = await database.listen?.(channel, {
        onMessage: (payload) => {
          if (payload === test) this.#endTest?.(true)
          else if (!payload.startsWith(TEST)) onChange(payload)
        },
        onEnd: (error) => this.#onEnd(error),
      })
      if (this.#stopped) return false
      await database.query('SELECT pg_notify($1, $2)', [channel, test])
      timer = setTimeout(() => this.#endTest?.(false), TEST_MS)
      return await arrival
    } finally {
      clearTimeout(timer)
      this.#endTest = undefined
    }
  }

  #onEnd(error: unknown): void {
    this.#unlisten = undefined
    // While it is being tested, the test tells.
    if (this.#endTest) return this.#endTest(false)
    this.#isListening = false
    this.#again(`the connection that listens for new jobs is gone: ${String(error)}`)
  }

  async #end(): Promise<void> {
    const unlisten = this.#unlisten
    this.#unlisten = undefined
    await unlisten?.()
  }

  #again(problem: string): void {
    if (this.#stopped || this.#retry) return
    if (!this.#told) {
      this.#told = true
      this.#options.onNotice(
        `${problem}; new jobs are found by polling until it works (point the broker at the server itself, or set listen: false)`,
      )
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#connecting = this.#connect()
    }, this.#retryMs)
    this.#retry.unref?.()
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most)
  }
}
