import { expect, it } from 'vitest'
import { parseQueueTrace } from './queue-trace.ts'

it('reads messages, and starts over at the end', () => {
  const trace = parseQueueTrace(
    ['{"body":{"to":"a"}}', '', '{"data":[1],"attempt":2}', '{"body":"hi","contentType":"text","attempts":3}'].join(
      '\n',
    ),
    'jobs.jsonl',
  )
  expect(trace.length).toBe(3)
  expect(trace.message(0)).toEqual({ body: { to: 'a' }, contentType: 'json', attempts: 1 })
  expect(trace.message(1)).toEqual({ body: [1], contentType: 'json', attempts: 2 })
  expect(trace.message(5)).toEqual({ body: 'hi', contentType: 'text', attempts: 3 })
})

it.each([
  ['{', 'jobs.jsonl, line 1 is not JSON'],
  ['{"body":1}\n7', 'jobs.jsonl, line 2 has no "body"'],
  ['{"body":1,"contentType":"xml"}', '"contentType" of jobs.jsonl, line 1 is none of json, text, bytes, v8'],
  ['{"body":1,"contentType":"bytes"}', 'the body of jobs.jsonl, line 1 is not a string'],
  ['{"body":1,"attempts":0}', '"attempts" of jobs.jsonl, line 1 is not a whole number over 0'],
  ['\n', 'the trace jobs.jsonl has no message'],
])('refuses %j', (text, message) => {
  expect(() => parseQueueTrace(text, 'jobs.jsonl')).toThrow(message)
})
