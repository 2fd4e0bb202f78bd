import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConformanceError, check, equal, rejects, sameJson } from './assert.ts'

describe('check', () => {
  it('throws a coded error with the message, only when false', () => {
    expect(() => check(true, 'no')).not.toThrow()
    expect(() => check(false, 'no such job')).toThrow(ConformanceError)
    expect(() => check(false, 'no such job')).toThrow('no such job')
  })
})

describe('sameJson', () => {
  it('holds for any JSON value and its copy', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        sameJson(JSON.parse(JSON.stringify(value)), value === 0 ? 0 : JSON.parse(JSON.stringify(value))),
      ),
    )
  })

  it('agrees with the JSON text of plain values', () => {
    const small = fc.oneof(
      fc.constantFrom<unknown>(null, 0, 1, '', 'a', true, [], {}),
      fc.array(fc.nat(1), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(1)),
    )
    const canonical = (value: unknown): string =>
      JSON.stringify(value, (_, v) =>
        v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v,
      )
    fc.assert(fc.property(small, small, (a, b) => sameJson(a, b) === (canonical(a) === canonical(b))))
  })

  it.each([
    [{ a: 1 }, { b: 1 }],
    [{ a: undefined }, { b: undefined }],
    [[], {}],
    [null, {}],
    ['1', 1],
    [JSON.parse('{"__proto__":1}'), { a: 1 }],
    [JSON.parse('{"__proto__":{}}'), {}],
  ])('tells %j and %j apart', (a, b) => {
    expect(sameJson(a, b)).toBe(false)
  })
})

describe('equal', () => {
  it('shows both sides, cut', () => {
    expect(() => equal(1, 2, 'attempt')).toThrow('attempt: expected 2, got 1')
    expect(() => equal('x'.repeat(5_000), undefined, 'text')).toThrow(
      /^text: expected undefined, got "x{299}… \(5002 characters\)$/,
    )
  })
})

describe('rejects', () => {
  const coded = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { code: 'NO' }))

  it('answers the error with the code', async () => {
    expect((await rejects(coded, 'call', 'NO')).message).toBe('no')
    expect((await rejects(coded, 'call')).message).toBe('no')
  })

  it('fails on success, on another code, and on none', async () => {
    await expect(rejects(async () => 5, 'call', 'NO')).rejects.toThrow('call: expected the error NO, got 5')
    await expect(rejects(coded, 'call', 'YES')).rejects.toThrow('call: expected an error with code YES')
    await expect(rejects(() => Promise.reject(new Error('plain')), 'call')).rejects.toThrow('an error with a code')
  })
})
