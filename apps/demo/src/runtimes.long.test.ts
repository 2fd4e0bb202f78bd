import { test } from 'vitest'
import { checkServed } from '../test/served.ts'

test('on Bun the platform is served from isolates, on the embedded engine', () => checkServed('bun'))
