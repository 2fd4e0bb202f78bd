import { describe, expect, it } from 'vitest'
import { type BatchResult, outcomeOf } from './batch-outcome.ts'

const result = (parts: Partial<BatchResult>): BatchResult => ({
  outcome: 'ok',
  ackAll: false,
  retryBatch: { retry: false },
  explicitAcks: [],
  retryMessages: [],
  ...parts,
})

describe('what became of a batch of 4', () => {
  it.each<[string, Partial<BatchResult>, { done: number; retried: number; thrown: number }]>([
    ['the handler returns', {}, { done: 4, retried: 0, thrown: 0 }],
    ['one is given back', { retryMessages: [{ msgId: 'b' }] }, { done: 3, retried: 1, thrown: 0 }],
    ['all are given back', { retryBatch: { retry: true } }, { done: 0, retried: 4, thrown: 0 }],
    ['all but one', { retryBatch: { retry: true }, explicitAcks: ['a'] }, { done: 1, retried: 3, thrown: 0 }],
    ['it throws', { outcome: 'exception' }, { done: 0, retried: 0, thrown: 4 }],
    [
      'it throws after one of each',
      { outcome: 'exception', explicitAcks: ['a'], retryMessages: [{ msgId: 'b' }] },
      { done: 1, retried: 1, thrown: 2 },
    ],
    [
      'it throws after all were acknowledged',
      { outcome: 'exception', ackAll: true },
      { done: 4, retried: 0, thrown: 0 },
    ],
  ])('%s', (_, parts, outcome) => {
    expect(outcomeOf(result(parts), 4)).toEqual(outcome)
  })
})
