import { expect } from 'vitest'
import { createEngineFolder } from './folder.ts'
import { startOn } from './start-on.ts'

/** Serves the platform on a runtime until jobs are done, ends it, and expects that it drains and says so. */
export async function checkServed(name: 'deno' | 'bun'): Promise<void> {
  await using folder = await createEngineFolder()
  await using demo = startOn(name, folder.path, '--port', '0')
  await demo.until(/ {2}done [1-9]/)
  demo.kill('SIGINT')
  const { code, out, err } = await demo.ended
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/drained: fed \d+ {2}done [1-9].*; start it again, and it goes on\n$/)
}
