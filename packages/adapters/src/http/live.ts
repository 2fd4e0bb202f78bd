import type { Monitor } from './monitor.ts'
import { ANSWER_HEADERS, Refusal } from './refusal.ts'

/** Streams of live figures that are open at once. */
export const MAX_STREAMS = 32

/** Points that wait for a client; one that is so far behind is let go, and may come again. */
const MAX_WAITING = 16

/** How soon a page asks again after its stream has ended, in ms. */
const RETRY_MS = 3_000

const encoder = new TextEncoder()

/** The frame of a point as a server-sent event. */
export function toEvent(point: string): string {
  return `event: point\ndata: ${point}\n\n`
}

/** Sends points to pages that are open. */
export class LiveStreams {
  readonly #monitor: Monitor
  #open = 0

  constructor(monitor: Monitor) {
    this.#monitor = monitor
  }

  /** Streams that are open. */
  get open(): number {
    return this.#open
  }

  /**
   * A stream of points, until the client goes, falls behind, or the monitor is disposed.
   * @throws {Refusal} when there are too many.
   */
  answer({ method }: Request): Response {
    const headers = { ...ANSWER_HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }
    if (method === 'HEAD') return new Response(null, { headers })
    if (this.#open >= MAX_STREAMS)
      throw new Refusal(429, 'TOO_MANY_STREAMS', `${MAX_STREAMS} streams are open; close one, or try later`, {
        headers: { 'retry-after': '5' },
      })
    return new Response(this.#stream(), { headers })
  }

  #stream(): ReadableStream<Uint8Array> {
    let release = (): void => {}
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#open++
          controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`))
          let mute = (): void => {}
          let isOpen = true
          release = () => {
            if (!isOpen) return
            isOpen = false
            this.#open--
            mute()
          }
          const end = (): void => {
            if (!isOpen) return
            release()
            controller.close()
          }
          mute = this.#monitor.listen({
            point(text) {
              if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(toEvent(text)))
              else end()
            },
            end,
          })
        },
        // The client has gone. (The request's signal would tell, too, but Deno aborts it after each answer.)
        cancel: () => release(),
      },
      { highWaterMark: MAX_WAITING },
    )
  }
}
