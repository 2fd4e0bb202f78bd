import type { Redis } from 'ioredis'

/** A call that waits for its answer. */
interface Call {
  fail(error: unknown): void
  /** Whether the server may have it: it then fails with the connection, and is not sent again. */
  isSent: boolean
}

/**
 * One connection and the calls that wait for its answers. The driver opens it again by itself, and then forgets what was
 * sent on the connection before: here that fails at once. What was not sent yet waits for the new one.
 */
export class Link {
  readonly client: Redis
  readonly #calls = new Set<Call>()
  #onIdle: (() => void) | undefined

  constructor(client: Redis) {
    this.client = client
    client.on('ready', () => {
      for (const call of this.#calls) call.isSent = true
    })
    client.on('close', () => {
      for (const call of this.#calls) if (call.isSent) call.fail(new Error('the connection was lost meanwhile'))
    })
  }

  /** Asks something. */
  ask<Answer>(ask: (client: Redis) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#calls.delete(call)
        if (this.#calls.size === 0) this.#onIdle?.()
      }
      const call: Call = {
        isSent: this.client.status === 'ready',
        fail(error) {
          end()
          reject(error)
        },
      }
      this.#calls.add(call)
      ask(this.client).then(
        (answer) => {
          end()
          resolve(answer)
        },
        (error: unknown) => call.fail(error),
      )
    })
  }

  /** Ends it when every call has its answer, or when it has had its time: what is left then fails. */
  async close(patienceMs: number): Promise<void> {
    if (this.#calls.size > 0 && patienceMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs)
        this.#onIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const call of this.#calls) call.fail(new Error('the broker was disposed meanwhile'))
    this.client.disconnect()
  }
}
