import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** What came back. */
export interface Answered {
  readonly status: number
  readonly text: string
}

/** Sends requests to one address over one connection, so that a server's descriptors stay as they are. */
export class Requests implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #url: URL

  constructor(url: URL) {
    this.#url = url
  }

  /** @throws what the connection broke by. */
  async post(body: string): Promise<Answered> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(this.#url, { method: 'POST', agent: this.#agent }, resolve).once('error', reject).end(body)
    })
    return { status: response.statusCode ?? 0, text: await text(response) }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
