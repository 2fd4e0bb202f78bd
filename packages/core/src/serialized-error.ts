import { toError } from './errors.ts'

/** Longest text kept of a message or a stack, in characters. */
const MAX_TEXT = 4_096

/** Causes kept below an error. */
const MAX_CAUSES = 3

/** An error as data: bounded in size, safe to store and to send. */
export interface SerializedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: SerializedError
}

const cut = (text: unknown): string => String(text).slice(0, MAX_TEXT)

/** An error as data. Never throws, whatever was thrown at it; texts are cut at 4,096 characters, causes after three. */
export function serializeError(thrown: unknown, depth: number = MAX_CAUSES): SerializedError {
  try {
    const error = toError(thrown)
    const { code, stack, cause } = error as Error & { code?: unknown }
    return {
      name: cut(error.name),
      message: cut(error.message),
      ...(typeof code === 'string' && { code: cut(code) }),
      ...(stack && { stack: cut(stack) }),
      ...(cause !== undefined && depth > 0 && { cause: serializeError(cause, depth - 1) }),
    }
  } catch {
    return { name: 'Error', message: 'an error that could not be read' }
  }
}

/**
 * An `Error` made of its data, in another process than the one it was thrown in: name, message, code, stack and causes
 * are those of the original, its class is not. Serialized again it gives the same data.
 */
export function reviveError({ name, message, code, stack, cause }: SerializedError): Error {
  const error: Error & { code?: string } = new Error(message, cause && { cause: reviveError(cause) })
  const fields = { name, stack, ...(code !== undefined && { code }) }
  for (const [key, value] of Object.entries(fields))
    Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false })
  return error
}
