import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { findRuntime } from './find-runtime.ts'

/** A folder on a `PATH` that has nothing else. */
function folderOnPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leak-harness-path-'))
  vi.stubEnv('PATH', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
  return folder
}

it.each(['deno', 'bun'] as const)('finds the program of %s, and not the script that starts it', (name) => {
  const program = findRuntime(name, import.meta.dirname)
  expect(program).not.toContain('.bin')
  const folder = folderOnPath()
  writeFileSync(join(folder, name), `#!/bin/sh\nexec "${program}" "$@"\n`)
  chmodSync(join(folder, name), 0o755)
  expect(findRuntime(name, folder)).toBe(program)
})

it('says of a runtime that is not there how it is installed', () => {
  const folder = folderOnPath()
  expect(() => findRuntime('bun', folder)).toThrow(
    expect.objectContaining({
      code: 'HARNESS_NOT_AVAILABLE',
      message: expect.stringContaining('npm install --save-dev bun'),
    }),
  )
})

it('says of one that does not run why', () => {
  const folder = folderOnPath()
  writeFileSync(join(folder, 'deno'), '#!/bin/sh\nexit 3\n')
  chmodSync(join(folder, 'deno'), 0o755)
  expect(() => findRuntime('deno', folder)).toThrow(/deno does not run \(.*\); install it/)
})
