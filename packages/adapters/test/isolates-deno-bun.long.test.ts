import { describe, test } from 'vitest'
import { DRAIN_CASES } from './isolates/drain-cases.ts'
import { ORPHAN_CASES } from './isolates/orphan-cases.ts'

describe.each(['deno', 'bun'] as const)('isolates on %s', (runtime) => {
  const cases = [...Object.values(DRAIN_CASES), ...Object.values(ORPHAN_CASES)]
  test.each(cases)('$name', ({ run }) => run(runtime))
})
