import { HarnessError } from '../errors.ts'
import { type DebugSession, toAnswer } from './debug.ts'

/** How long a debugger is waited for, in ms, before it counts as gone. Counting a heap of gigabytes takes a while. */
const ANSWER_MS = 120_000

interface Pending {
  readonly method: string
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

interface Incoming {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** A session with the debugger of another process, over a WebSocket. */
export class RemoteDebugSession implements DebugSession, Disposable {
  readonly #socket: WebSocket
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Map<string, (params: unknown) => void>()
  #lastId = 0
  contextId: number | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#onMessage(JSON.parse(String(data)) as Incoming))
    socket.addEventListener('close', () => this.#failAll('it has closed the connection'))
    // It is closed right after: that says all there is to say.
    socket.addEventListener('error', () => {})
  }

  /** @throws {HarnessError} `HARNESS_PROTOCOL` when nothing answers at the address. */
  static open(url: string | URL): Promise<RemoteDebugSession> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url)
      const session = new RemoteDebugSession(socket)
      socket.addEventListener('open', () => resolve(session), { once: true })
      socket.addEventListener('error', () => reject(refused('to be connected to')), { once: true })
    })
  }

  post<Answer>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return reject(refused(`${method}: the connection is closed`))
      const id = ++this.#lastId
      const timer = setTimeout(() => {
        this.#pending.delete(id)
        reject(refused(`${method}: it did not answer for ${ANSWER_MS / 1_000} s`))
      }, ANSWER_MS)
      this.#pending.set(id, { method, resolve, reject, timer })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  async listen<Params>(event: string, during: () => Promise<unknown>): Promise<readonly Params[]> {
    const heard: Params[] = []
    await this.hear<Params>(event, (params) => heard.push(params), during)
    return heard
  }

  /** Calls `each` with the events of a name while `during` runs. */
  async hear<Params>(event: string, each: (params: Params) => void, during: () => Promise<unknown>): Promise<void> {
    this.#listeners.set(event, each as (params: unknown) => void)
    try {
      await during()
    } finally {
      this.#listeners.delete(event)
    }
  }

  [Symbol.dispose](): void {
    this.#failAll('the session was ended')
    this.#socket.close()
  }

  #onMessage({ id, method, params, result, error }: Incoming): void {
    if (id === undefined) {
      if (method !== undefined) this.#listeners.get(method)?.(params)
      return
    }
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    clearTimeout(pending.timer)
    try {
      pending.resolve(toAnswer(pending.method, result, error ?? null) as never)
    } catch (refusal) {
      pending.reject(refusal as Error)
    }
  }

  #failAll(why: string): void {
    for (const { method, reject, timer } of this.#pending.values()) {
      clearTimeout(timer)
      reject(refused(`${method}: ${why}`))
    }
    this.#pending.clear()
  }
}

function refused(what: string): HarnessError {
  return new HarnessError('HARNESS_PROTOCOL', `the debugger of the process under test refused ${what}`)
}
