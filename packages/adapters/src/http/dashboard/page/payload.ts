import type { DeadLetterItem } from '../answers.ts'
import { formatBytes } from './format.ts'

/** Characters of a payload, a result or a stack that are shown. */
export const MAX_SHOWN = 10_000

/** JSON text made readable; other text as it is; both cut at `MAX_SHOWN`, and that is said. */
export function readable(text: string): string {
  return cut(text.length <= MAX_SHOWN ? indent(text) : text)
}

/** A value as readable JSON; undefined where there is none. */
export function readableValue(value: unknown): string | undefined {
  return value === undefined ? undefined : cut(JSON.stringify(value, null, 2))
}

/** What is said of a payload above its text: how large it is, and whether its values are left out. */
export function payloadNote({ redacted, bytes }: DeadLetterItem['payload']): string {
  return `${formatBytes(bytes)}${redacted ? ', values left out' : ''}`
}

function indent(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function cut(text: string): string {
  const left = text.length - MAX_SHOWN
  return left <= 0 ? text : `${text.slice(0, MAX_SHOWN)}\n… ${left} more characters`
}
