import { describe, expect, it } from 'vitest'
import { HarnessError } from '../errors.ts'
import { parseTrace } from './trace.ts'

describe('parseTrace', () => {
  it('reads a job a line, passes empty lines over, starts over at the end, and never hands an object out twice', () => {
    const trace = parseTrace('{"name":"a","data":{"n":1},"attempt":3}\n\n{"data":null}\r\n', 'jobs.jsonl')
    expect(trace.length).toBe(2)
    expect(trace.line(0)).toEqual({ name: 'a', data: { n: 1 }, attempt: 3 })
    expect(trace.line(1)).toEqual({ name: undefined, data: null, attempt: undefined })
    expect(trace.line(2)).toEqual(trace.line(0))
    expect(trace.line(2).data).not.toBe(trace.line(0).data)
  })

  it('keeps the jobs of one name, those without one among them by the name that they get', () => {
    const text = '{"name":"a","data":1}\n{"data":2}\n{"name":"a","data":3}\n{"name":"job","data":4}\n'
    const dataOf = (only: string): unknown[] => {
      const trace = parseTrace(text, 'jobs.jsonl', only)
      return Array.from({ length: trace.length }, (_, i) => trace.line(i).data)
    }
    expect(dataOf('a')).toEqual([1, 3])
    expect(dataOf('job')).toEqual([2, 4])
    expect(() => dataOf('b')).toThrow(HarnessError)
  })

  it.each([
    ['{"data":1}\nnope', 'HARNESS_TRACE', 'jobs.jsonl, line 2 is not JSON'],
    ['{"name":"a"}', 'HARNESS_TRACE', 'line 1 has no "data"'],
    ['[1]', 'HARNESS_TRACE', 'line 1 has no "data"'],
    ['{"name":7,"data":1}', 'HARNESS_TRACE', '"name" of jobs.jsonl, line 1'],
    ['{"data":1,"attempt":0}', 'HARNESS_TRACE', '"attempt" of jobs.jsonl, line 1'],
    ['\n \n', 'HARNESS_NO_JOBS', 'the trace jobs.jsonl has no job'],
  ])('refuses %j', (text, code, message) => {
    expect(() => parseTrace(text, 'jobs.jsonl')).toThrow(HarnessError)
    expect(() => parseTrace(text, 'jobs.jsonl')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
