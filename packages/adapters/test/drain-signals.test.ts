import { test } from 'vitest'
import { DRAIN_CASES } from './isolates/drain-cases.ts'

test.each(Object.values(DRAIN_CASES))('$name', ({ run }) => run('node'))
