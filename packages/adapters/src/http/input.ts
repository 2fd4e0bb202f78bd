import type { DeadLetterSelection } from '@isobar/core'
import { Refusal } from './refusal.ts'

/** Bytes of a body at most. */
export const MAX_BODY_BYTES = 300_000

/** Ids in one request at most. */
export const MAX_IDS = 1_000

/** Characters of an id, a queue's name or a cursor at most. */
export const MAX_NAME = 256

/** Dead letters in a page at most; asking for more gives this many. */
export const MAX_PAGE = 100

/** Dead letters in a page with whole payloads at most. */
export const MAX_FULL_PAGE = 20

/** Dead letters in a page, when nobody says. */
export const DEFAULT_PAGE = 50

function bad(message: string): Refusal {
  return new Refusal(400, 'BAD_INPUT', message)
}

/**
 * An id or a name that a broker can be asked for.
 * @throws {Refusal}
 */
export function toName(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME || value.includes('\u0000'))
    throw bad(`${what} must be a text of 1 to ${MAX_NAME} characters without NUL`)
  return value
}

/** The same, where it may be left out. */
export function toOptionalName(value: string | undefined, what: string): string | undefined {
  return value ? toName(value, what) : undefined
}

/** How many, up to `most`. */
export function toLimit(value: string | undefined, most: number): number {
  if (!value) return Math.min(DEFAULT_PAGE, most)
  if (!/^[1-9]\d{0,8}$/.test(value)) throw bad('limit must be a whole number of at least 1')
  return Math.min(Number(value), most)
}

/** Whether whole payloads are asked for. */
export function toFull(value: string | undefined): boolean {
  if (!value) return false
  if (value !== 'full') throw bad('payload can be full, or left out')
  return true
}

/**
 * Which dead letters a body means: `{ ids }` or `{ queue }`.
 * @throws {Refusal}
 */
export function toSelection(body: unknown): DeadLetterSelection {
  const fields = typeof body === 'object' && body !== null ? Object.entries(body) : []
  const [field, another] = fields
  if (!field || another || !['ids', 'queue'].includes(field[0]))
    throw bad('the body must be { "ids": […] } or { "queue": … }')
  const [name, value] = field
  if (name === 'queue') return { queue: toName(value, 'queue') }
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_IDS)
    throw bad(`ids must be a list of 1 to ${MAX_IDS}`)
  return { ids: [...new Set(value.map((id) => toName(id, 'an id')))] }
}

/**
 * The body of a request as JSON, read no further than it may be long.
 * @throws {Refusal}
 */
export async function readJson({ body }: Request): Promise<unknown> {
  const parts: Uint8Array[] = []
  let bytes = 0
  const reader = body?.getReader()
  try {
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      bytes += part.value.byteLength
      if (bytes > MAX_BODY_BYTES) throw new Refusal(413, 'TOO_LARGE', `the body has more than ${MAX_BODY_BYTES} bytes`)
      parts.push(part.value)
    }
    const all = new Uint8Array(bytes)
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.byteLength
    }
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(all))
  } catch (error) {
    await reader?.cancel().catch(() => {})
    if (error instanceof Refusal) throw error
    throw bad('the body must be JSON')
  }
}
