import type { Payload } from '@isobar/core'
import type { DeadLetterItem } from './contract.ts'

/** Characters of a whole payload that are shown; `bytes` tells when there is more. */
export const MAX_PAYLOAD_TEXT = 200_000

/** Of a payload without its values: places it has at most, names and items counted. */
const MAX_PLACES = 200

/** Levels of it that are shown. */
const MAX_DEPTH = 12

/** Characters of a field's name that are shown. */
const MAX_KEY = 100

const encoder = new TextEncoder()

/** A payload as it may be shown: as it is, or its shape. */
export function toShown(payload: Payload, full: boolean): DeadLetterItem['payload'] {
  const text = toJson(payload)
  const bytes = 'bytes' in payload ? payload.bytes.byteLength : encoder.encode(text).length
  if (full) return { text: text.slice(0, MAX_PAYLOAD_TEXT), redacted: false, bytes }
  return { text: redact(text), redacted: true, bytes }
}

/** What could not be read is shown as text, as far as it is some. */
function toJson(payload: Payload): string {
  if ('text' in payload) return payload.text
  if ('value' in payload) return JSON.stringify(payload.value) ?? 'null'
  const start = payload.bytes.subarray(0, MAX_PAYLOAD_TEXT)
  return JSON.stringify({ problem: payload.problem, unreadable: new TextDecoder().decode(start) })
}

/** JSON with the type of each value in its place: which fields there are, and none of what is in them. */
export function redact(text: string): string {
  let places = MAX_PLACES
  const shapeOf = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value
    const isList = Array.isArray(value)
    if (depth === 0) return isList ? 'array' : 'object'
    const shown: [string, unknown][] = []
    const entries = isList ? value.length : Object.keys(value).length
    for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
      if (places <= 0) break
      places--
      shown.push([String(key).slice(0, MAX_KEY), shapeOf(item, depth - 1)])
    }
    const more = entries - shown.length
    if (isList) return [...shown.map(([, item]) => item), ...(more > 0 ? [`… ${more} more`] : [])]
    return Object.fromEntries([...shown, ...(more > 0 ? [['…', `${more} more`]] : [])])
  }
  try {
    return JSON.stringify(shapeOf(JSON.parse(text), MAX_DEPTH))
  } catch {
    return '"not JSON"'
  }
}
