import { createSecretKey } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LEAK_BYTES, type LeakData, type LeakKind } from '../pool/job-types.ts'

const kept: unknown[] = []

/** What V8 keeps of a record in the heap, its short string and its place in the array included. */
const RECORD_BYTES = 64

const LEAKS: Readonly<Record<LeakKind, () => unknown>> = {
  heap: () => Array.from({ length: LEAK_BYTES / RECORD_BYTES }, (_, n) => ({ n, of: kept.length, text: `${n}` })),
  buffers: () => Buffer.alloc(LEAK_BYTES, 1),
  // What OpenSSL keeps of a key is in no figure of V8's.
  native: () => createSecretKey(Buffer.alloc(LEAK_BYTES, 1)),
}

/** Takes so many ms, at least, and keeps 100,000 bytes for ever. The same for isobar's handler and its peer's. */
export async function leakOnce({ kind, ms }: LeakData): Promise<void> {
  kept.push(LEAKS[kind]())
  if (ms > 0) await sleep(ms)
}
