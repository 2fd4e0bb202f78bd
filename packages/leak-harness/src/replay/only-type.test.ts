import { describe, expect, it } from 'vitest'
import { onlyType } from './only-type.ts'

describe('onlyType', () => {
  it('gives the jobs of one name, in their order', () => {
    const source = onlyType((i) => ({ name: i % 3 === 1 ? 'b' : 'a', data: i }), 'b')
    expect([0, 1, 2].map((i) => source(i).data)).toEqual([1, 4, 7])
  })

  it('ends when there is none', () => {
    expect(() => onlyType((i) => ({ name: 'a', data: i }), 'b')(0)).toThrow(/no job is called "b"/)
  })
})
