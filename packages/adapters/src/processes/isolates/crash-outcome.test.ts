import type { StoredJob } from '@isobar/core'
import { describe, expect, test } from 'vitest'
import { type Crashed, toDeathOutcome } from './crash-outcome.ts'
import { toDeath } from './death.ts'

const traces = { code: 0, signal: null, stderr: '', killed: undefined, uncaught: undefined }

const crashed = (job: Partial<StoredJob>, more: Partial<Crashed> = {}): Crashed => ({
  job: {
    id: '1',
    name: 'n',
    queue: 'q',
    priority: 'normal',
    attempt: 1,
    crashes: 0,
    enqueuedAt: 0,
    dueAt: 0,
    payload: { text: '1' },
    ...job,
  },
  alone: false,
  innocent: false,
  death: toDeath(traces),
  type: { name: 'n', queue: 'q', timeoutMs: 100, attempts: 5, backoff: { kind: 'fixed', delayMs: 40 } },
  maxCrashes: 2,
  ...more,
})

describe('what becomes of a job whose isolate died', () => {
  test('in company it is a suspect, and nothing is charged, whatever it was before', () => {
    for (const crashes of [0, 1, 4])
      expect(toDeathOutcome(crashed({ crashes }))).toMatchObject({ kind: 'release', suspect: true })
  })

  test('where another is known to have done it, it is not even suspected', () => {
    const outcome = toDeathOutcome(crashed({}, { innocent: true }))
    expect(outcome).toMatchObject({ kind: 'release' })
    expect(outcome).not.toHaveProperty('suspect')
  })

  test('alone it is charged, until it has crashed alone as often as is allowed', () => {
    const alone = (job: Partial<StoredJob>, more?: Partial<Crashed>) =>
      toDeathOutcome(crashed(job, { alone: true, ...more }))
    expect(alone({ crashes: 1 })).toMatchObject({ kind: 'retry', crashed: true, delayMs: 40 })
    expect(alone({ crashes: 2, attempt: 2 })).toMatchObject({ kind: 'dead', reason: 'crashed' })
    expect(alone({ crashes: 2, attempt: 2 }, { maxCrashes: 3 })).toMatchObject({ kind: 'retry' })
    expect(alone({ crashes: 1, attempt: 5 })).toMatchObject({ kind: 'dead', reason: 'crashed' })
    expect(alone({ crashes: 1 }, { type: undefined })).toMatchObject({ kind: 'retry', delayMs: 0 })
  })

  test('a hang while alone is told as the timeout that it is', () => {
    const death = toDeath({ ...traces, killed: { cause: 'hang', message: 'it hung' } })
    expect(toDeathOutcome(crashed({ crashes: 1 }, { alone: true, death }))).toMatchObject({
      kind: 'retry',
      error: { code: 'JOB_TIMEOUT', abandoned: true },
    })
  })
})

describe('what an isolate died of', () => {
  test.each([
    [{ stderr: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' }, 'out of memory'],
    [{ code: null, signal: 'SIGKILL' as const }, 'SIGKILL'],
    [{ code: null, signal: 'SIGSEGV' as const }, 'SIGSEGV'],
    [{ code: 3 }, 'exit code 3'],
    [{ killed: { cause: 'limit' as const, message: 'too much' } }, 'too much'],
    [{ uncaught: { n: 4, error: new Error('thrown') } }, 'thrown'],
  ])('%j', (more, text) => {
    const death = toDeath({ ...traces, ...more })
    expect(death.error).toMatchObject({ code: 'ISOLATE_DIED', message: expect.stringContaining(text) })
    expect(death.culprit).toBe('uncaught' in more ? 4 : undefined)
  })
})
