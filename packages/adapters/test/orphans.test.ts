import { test } from 'vitest'
import { KILL_CASE } from './isolates/kill-case.ts'
import { ORPHAN_CASES } from './isolates/orphan-cases.ts'

test.each([...Object.values(ORPHAN_CASES), KILL_CASE])('$name', ({ run }) => run('node'))
