import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HarnessError } from '../errors.ts'

const REMEDY = "give it the module's address, as another process has to load it: new URL('./app.ts', import.meta.url)"

/**
 * The path of the module that a test names, by a `file:` URL or an absolute path.
 * @throws {HarnessError} `HARNESS_USAGE` for anything else, such as a function or a relative path.
 */
export function toModulePath(received: unknown): string {
  const text = isUrl(received) ? received.href : received
  if (typeof text !== 'string')
    throw new HarnessError('HARNESS_USAGE', `toStayFlat was given ${describe(received)}; ${REMEDY}`)
  if (text.startsWith('file:')) return fileURLToPath(text)
  if (isAbsolute(text)) return text
  const problem = /^[a-z][a-z+.-]+:/i.test(text) ? 'which is no file: URL' : 'which is a relative path'
  throw new HarnessError('HARNESS_USAGE', `toStayFlat was given ${text}, ${problem}; ${REMEDY}, or an absolute path`)
}

/** By what it has: a test environment such as jsdom has a URL of its own. */
function isUrl(value: unknown): value is { readonly href: string } {
  return typeof value === 'object' && value !== null && 'href' in value && typeof value.href === 'string'
}

function describe(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (value === null) return 'null'
  return value === undefined ? 'undefined' : `a value of type ${typeof value}`
}
