import { describe, expect, it } from 'vitest'
import type { JobToReplay } from './contract.ts'
import { type Subject, toSubject } from './subject.ts'

const job: JobToReplay = { name: 'email.send', data: { to: 'ada' } }
const subjectOf = (value: unknown): Subject => {
  const subject = toSubject(value)
  if (!subject) throw new Error('this is a subject')
  return subject
}
const answering = (outcome: unknown): Subject => subjectOf({ run: () => outcome })

describe('a handler', () => {
  it('gets a fresh id, and may answer at once, later or with a thenable', async () => {
    const seen: unknown[] = []
    await subjectOf((given: unknown) => void seen.push(given)).run(job, 7)
    expect(seen).toEqual([{ id: '7', name: 'email.send', data: { to: 'ada' }, attempt: 1 }])
    await subjectOf(async () => {}).run(job, 1)
  })

  it('fails its job by throwing, by rejecting, or with a thenable that rejects', async () => {
    const throws = () => {
      throw new Error('at once')
    }
    // biome-ignore lint/suspicious/noThenProperty: some libraries answer with one.
    const thenable = () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error('thenable')) })
    await expect(subjectOf(throws).run(job, 1)).rejects.toThrow('at once')
    await expect(subjectOf(() => Promise.reject(new Error('later'))).run(job, 1)).rejects.toThrow('later')
    await expect(subjectOf(thenable).run(job, 1)).rejects.toThrow('thenable')
  })

  it('answers with what it returns, or with how it failed', async () => {
    expect(await subjectOf(async () => ({ sent: 1 })).answer(job, 1)).toEqual({ outcome: 'done', value: { sent: 1 } })
    const throws = () => {
      throw new TypeError('no mailbox')
    }
    expect(await subjectOf(throws).answer(job, 1)).toEqual({
      outcome: 'failed: TypeError: no mailbox',
      value: undefined,
    })
  })

  it('is no generator, which does nothing when it is called, and nothing that is no function', () => {
    expect(toSubject(function* () {})).toBeUndefined()
    expect(toSubject(async function* () {})).toBeUndefined()
    for (const value of [undefined, null, 42, 'run', {}, { run: 'now' }]) expect(toSubject(value)).toBeUndefined()
  })
})

describe('an app', () => {
  it('does a job when it acks it, and fails it with its error when it does not', async () => {
    await answering({ kind: 'ack' }).run(job, 1)
    await expect(answering({ kind: 'retry', delayMs: 1, error: new Error('again') }).run(job, 1)).rejects.toThrow(
      'again',
    )
    await expect(answering({ kind: 'release', error: new Error('unknown') }).run(job, 1)).rejects.toThrow('unknown')
    await expect(answering({ kind: 'release' }).run(job, 1)).rejects.toThrow('given back ("release")')
  })

  it('answers with its result and follow-up jobs, without ids and delays, or with how it failed', async () => {
    const error = new Error('no')
    const followUp = { id: 'random', name: 'log', text: '{}', delayMs: 3 }
    expect(await answering({ kind: 'ack', result: 1 }).answer(job, 1)).toEqual({ outcome: 'done', value: 1 })
    expect(await answering({ kind: 'ack', result: 1, enqueue: [followUp] }).answer(job, 1)).toEqual({
      outcome: 'done',
      value: { result: 1, enqueue: [{ name: 'log', text: '{}' }] },
    })
    expect(await answering({ kind: 'retry', delayMs: 7, error }).answer(job, 1)).toEqual({
      outcome: 'retry: Error: no',
      value: undefined,
    })
    expect((await answering({ kind: 'dead', reason: 'exhausted', error }).answer(job, 1)).outcome).toBe(
      'dead (exhausted): Error: no',
    )
    expect((await answering(undefined).answer(job, 1)).outcome).toContain('answered with no outcome')
  })

  it('fails a job that it answers with no outcome', async () => {
    for (const outcome of [undefined, null, 'ack', {}])
      await expect(answering(outcome).run(job, 1)).rejects.toThrow('answered with no outcome')
  })
})
