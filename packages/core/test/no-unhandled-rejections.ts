import { afterEach, beforeEach, expect } from 'vitest'

/** Fails each test of the file after which a rejection was left unhandled. */
export function failOnUnhandledRejections(): void {
  const unhandled: unknown[] = []
  const count = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', count)
  })
  afterEach(async () => {
    await new Promise(setImmediate)
    process.off('unhandledRejection', count)
    expect(unhandled).toEqual([])
  })
}
