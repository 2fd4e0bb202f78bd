import type { Miniflare } from 'miniflare'

/** A reader of one Worker's heap, over the inspector. */
export interface HeapReader extends Disposable {
  /** Bytes that are in use after a full collection: objects, what they hold outside, and buffers. */
  read(): Promise<number>
}

/** Collections and readings of which the least counts: what finalizers let go of in one goes in the next. */
const READS = 4

interface Usage {
  readonly usedSize: number
  readonly embedderHeapUsedSize?: number
  readonly backingStorageSize?: number
}

/**
 * Opens the inspector of a Worker. A command is answered only while the isolate runs something: `wake` gives it an event
 * that does nothing.
 */
export async function openHeapReader(
  miniflare: Miniflare,
  name: string,
  wake: () => Promise<unknown>,
): Promise<HeapReader> {
  const base = await miniflare.getInspectorURL()
  const socket = new WebSocket(new URL(`/core:user:${name}`, base))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')), { once: true })
  })
  const waiting = new Map<number, (result: unknown) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id === undefined) return
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  let last = 0
  const ask = async <Result>(method: string): Promise<Result> => {
    const id = ++last
    let isAnswered = false
    const answer = new Promise<unknown>((resolve) => waiting.set(id, resolve)).finally(() => {
      isAnswered = true
    })
    socket.send(JSON.stringify({ id, method }))
    // The command may come when the event is over already.
    while (!isAnswered)
      await Promise.race([answer, wake().then(() => new Promise((resolve) => setTimeout(resolve, 5)))])
    return answer as Promise<Result>
  }
  return {
    async read() {
      let least = Number.POSITIVE_INFINITY
      for (let times = 0; times < READS; times++) {
        await ask('HeapProfiler.collectGarbage')
        const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await ask<Usage>('Runtime.getHeapUsage')
        least = Math.min(least, usedSize + embedderHeapUsedSize + backingStorageSize)
      }
      return least
    },
    [Symbol.dispose]: () => socket.close(),
  }
}
