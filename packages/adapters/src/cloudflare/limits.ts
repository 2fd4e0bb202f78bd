// What Cloudflare Queues takes: https://developers.cloudflare.com/queues/platform/limits/. A KB is 1,000 bytes there.

/** Bytes of one message, the platform's own metadata included. */
export const MAX_MESSAGE_BYTES = 128_000

/** Bytes of metadata that the platform adds to a message, about. */
export const METADATA_BYTES = 100

/** Messages in one `sendBatch`. */
export const MAX_BATCH_MESSAGES = 100

/** Bytes in one `sendBatch`, metadata included. */
export const MAX_BATCH_BYTES = 256_000

/** The longest delay of a message, in ms. */
export const MAX_DELAY_MS = 86_400_000

/** Bytes that are left free in a job's message, so that the same job fits into a dead letter with its reason and error. */
export const DEAD_HEADROOM_BYTES = 4_000

/** Bytes of a job's message. */
export const MAX_BODY_BYTES: number = MAX_MESSAGE_BYTES - METADATA_BYTES - DEAD_HEADROOM_BYTES

/** Bytes of a job's data as JSON: what its message holds besides (id, name, queue, times, tenant) has 900. */
export const MAX_DATA_BYTES: number = MAX_BODY_BYTES - 900

/** How long an invocation may take, in ms, of the platform's 15 minutes: the rest is for settling. */
export const DEFAULT_WALL_CLOCK_MS = 840_000

/** Most that the wall clock and the grace of the app may be together, in ms. */
export const MAX_WALL_CLOCK_MS = 870_000

/** Delay in whole seconds, as the platform counts, within its limit. Never sooner than asked for. */
export function toDelaySeconds(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, 0), MAX_DELAY_MS) / 1_000)
}
