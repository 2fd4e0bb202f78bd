import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MIGRATION } from './table.ts'

test('the migration to copy is the one that is run', () => {
  expect(MIGRATION).toBe(readFileSync(new URL('./migrations/0001_isobar_dead_letters.sql', import.meta.url), 'utf8'))
})
