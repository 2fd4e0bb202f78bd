import { expect, it } from 'vitest'
import { PREVIEW_LENGTH, previewsOf } from './preview.ts'

it('shows short texts whole, and of long ones the part that differs', () => {
  expect(previewsOf('"en"', '"de"')).toEqual(['"en"', '"de"'])
  const same = 'x'.repeat(5_000)
  const [one, other] = previewsOf(`${same}1${same}`, `${same}2${same}`)
  expect(one).toContain('x1x')
  expect(other).toContain('x2x')
  expect(one).toHaveLength(PREVIEW_LENGTH + 2)
  expect(previewsOf(same, same)[0]).toHaveLength(61)
})
