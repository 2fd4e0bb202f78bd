import { expect, test } from 'vitest'
import { describePlace } from './engine.ts'

test.each([
  [{ kind: 'embedded', folder: '.isobar/demo' }, 'on the embedded engine, folder .isobar/demo'],
  [{ kind: 'postgres', url: 'postgres://ann:secret@db.example:5433/shop' }, 'on PostgreSQL, db.example:5433/shop'],
  [{ kind: 'postgres', url: 'host=db password=secret' }, 'on PostgreSQL, as its URL says'],
  [{ kind: 'memory' }, 'in memory: nothing outlives this process'],
] as const)('%j', (place, words) => expect(describePlace(place)).toBe(words))
