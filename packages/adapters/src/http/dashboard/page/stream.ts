/**
 * The live figures. States and moves:
 *
 * - `connecting`: asks for the history, then opens the stream. The first point makes it `live`; an error, or no point in
 *   `SILENCE_MS`, makes it `waiting`.
 * - `live`: each point is handed on. An error or a silence makes it `waiting`.
 * - `waiting`: for the time that `backoff` says, then `connecting` again. The history that is asked for then fills in what
 *   was missed, as far as the server kept it.
 *
 * The browser's own way of connecting again is not used: it knows no backoff, and gives up on some answers.
 */
import type { History, LivePoint } from '../answers.ts'
import { get, reasonOf } from './api.ts'
import { backoff } from './backoff.ts'

/** No point for so long, in ms: the connection is lost, whatever the browser thinks. */
const SILENCE_MS = 10_000

/** No tries: it is connected. */
const LIVE = -1

/** Who is told. */
export interface StreamListener {
  history(points: readonly LivePoint[]): void
  point(point: LivePoint): void
  live(): void
  /** Lost, for a reason; tried again in `waitMs`. */
  lost(reason: string, waitMs: number): void
}

/** Keeps a connection to the live figures. There is one, for as long as the page is open. */
export class Stream {
  readonly #listener: StreamListener
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Tries in vain since it was live; `LIVE` while it is. */
  #tries = 0

  constructor(listener: StreamListener) {
    this.#listener = listener
  }

  /** Connects, now: a wait that goes on is cut short. */
  async connect(): Promise<void> {
    clearTimeout(this.#timer)
    this.#source?.close()
    const source = new EventSource('api/live')
    this.#source = source
    source.onerror = () => this.#lose(source, 'The connection to the server is lost.')
    this.#listen(source)
    // Points that come before the history, which is older.
    let early: LivePoint[] | undefined = []
    source.addEventListener('point', (event) => {
      if (this.#source !== source) return
      this.#listen(source)
      const point = JSON.parse((event as MessageEvent<string>).data) as LivePoint
      if (early) early.push(point)
      else this.#take(point)
    })
    try {
      const { points } = await get<History>('api/history')
      if (this.#source !== source) return
      this.#listener.history(points)
      for (const point of early) this.#take(point)
      early = undefined
    } catch (error) {
      this.#lose(source, reasonOf(error))
    }
  }

  #take(point: LivePoint): void {
    if (this.#tries !== LIVE) this.#listener.live()
    this.#tries = LIVE
    this.#listener.point(point)
  }

  /** Waits for the next point, not for ever. */
  #listen(source: EventSource): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#lose(source, 'The server has fallen silent.'), SILENCE_MS)
  }

  #lose(source: EventSource, reason: string): void {
    if (this.#source !== source) return
    clearTimeout(this.#timer)
    source.close()
    this.#source = undefined
    this.#tries = Math.max(this.#tries, 0)
    const wait = backoff(this.#tries++, Math.random())
    this.#listener.lost(reason, wait)
    this.#timer = setTimeout(() => this.connect(), wait)
  }
}
