import { describe, expect, it } from 'vitest'
import { createJobSource } from './job-source.ts'
import type { LoadedModule } from './module.ts'
import { toSubject } from './subject.ts'
import { parseTrace } from './trace.ts'

function moduleWith(change: Partial<LoadedModule>): LoadedModule {
  const subject = toSubject(() => {})
  if (!subject) throw new Error('a function is a subject')
  return { path: '/app.ts', subject, options: {}, makeData: undefined, makeJob: undefined, ...change }
}

const app = toSubject({ run: () => ({ kind: 'ack' }) }) as LoadedModule['subject']
const failure = (message: string, code = 'HARNESS_GENERATOR') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('createJobSource', () => {
  it('takes the trace, then makeJob, then makeData, then the number', () => {
    const trace = parseTrace('{"name":"a","data":1,"attempt":2}\n{"data":2}', 'jobs.jsonl')
    const makeJob = (i: number) => ({ name: 'made', data: i })
    const makeData = (i: number) => 10 * i
    expect(createJobSource(moduleWith({ makeJob, makeData }), trace)(0)).toEqual({ name: 'a', data: 1, attempt: 2 })
    expect(createJobSource(moduleWith({ makeJob, makeData }), undefined)(3)).toEqual({ name: 'made', data: 3 })
    expect(createJobSource(moduleWith({ makeData }), undefined)(3)).toEqual({ name: 'job', data: 30 })
    expect(createJobSource(moduleWith({}), undefined)(3)).toEqual({ name: 'job', data: { i: 3 } })
  })

  it('varies a line only when it comes again', () => {
    const trace = parseTrace('{"data":1}', 'jobs.jsonl')
    const source = createJobSource(moduleWith({ options: { vary: (data, i) => [data, i] } }), trace)
    expect([source(0).data, source(1).data, source(5).data]).toEqual([1, [1, 1], [1, 5]])
  })

  it('refuses an app of which nobody says the jobs', () => {
    const module = moduleWith({ subject: app, makeData: () => 1 })
    expect(() => createJobSource(module, undefined)).toThrow(failure('nothing says which jobs', 'HARNESS_NO_JOBS'))
  })

  it('fails with the name and the number of a function that throws, that answers later, or with no job', () => {
    const throws = () => {
      throw new Error('out of data')
    }
    const trace = parseTrace('{"data":1}', 'jobs.jsonl')
    expect(() => createJobSource(moduleWith({ makeData: throws }), undefined)(7)).toThrow(
      failure('makeData(7) threw: out of data'),
    )
    expect(() => createJobSource(moduleWith({ makeJob: throws }), undefined)(7)).toThrow(failure('makeJob(7) threw'))
    expect(() => createJobSource(moduleWith({ options: { vary: throws } }), trace)(7)).toThrow(
      failure('harness.vary(7) threw'),
    )
    expect(() => createJobSource(moduleWith({ makeData: async () => 1 }), undefined)(7)).toThrow(
      failure('makeData(7) returned a promise'),
    )
    const makeJob = (() => ({ data: 1 })) as unknown as LoadedModule['makeJob']
    expect(() => createJobSource(moduleWith({ makeJob }), undefined)(7)).toThrow(failure('did not return a job'))
  })
})
