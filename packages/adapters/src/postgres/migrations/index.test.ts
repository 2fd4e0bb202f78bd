import { createHash } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { MIGRATIONS } from './index.ts'

/** Of the text of each step, in their order. A new step adds one; only that of a step nobody has taken may change. */
const HASHES = [
  '23b6897523b56b539bdedb78e2579c3dbbbbeea0f5816081a7cc2f60d60adf48',
  '1add2cff767dcdb9074f5bfc34e02003bc58f0666d09801139dbede85007bd1b',
  'b5730ae195b301120fa7c9d569dd73b4f99328cd9d5b8c010f4f4e5923357071',
]

it('a step says what it said when it was released, also where it shares its text with a later one', () => {
  using _ = vi.spyOn(crypto, 'randomUUID').mockReturnValue('00000000-0000-4000-8000-000000000000')
  const hashes = MIGRATIONS.map((step) => createHash('sha256').update(step('"s"', 's')).digest('hex'))
  expect(hashes).toEqual(HASHES)
})
