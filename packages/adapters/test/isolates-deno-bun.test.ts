import { describe, test, vi } from 'vitest'
import { DRAIN_CASES } from './isolates/drain-cases.ts'
import { KILL_CASE } from './isolates/kill-case.ts'

// Less than 6 s each on a quiet machine.
vi.setConfig({ testTimeout: 60_000 })

// On Node all of them are, and in the long tests here as well.
describe.each(['deno', 'bun'] as const)('isolates on %s', (runtime) => {
  test.each([KILL_CASE, DRAIN_CASES.sigterm, DRAIN_CASES.secondLooping])('$name', ({ run }) => run(runtime))
})
