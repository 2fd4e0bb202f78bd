import { expect, test } from 'vitest'
import { LedgerKeeper } from './ledger.ts'

test('a keeper counts ends and failed attempts', () => {
  const keeper = new LedgerKeeper()
  keeper.countDone(3)
  keeper.countRetried()
  keeper.countRetried(4)
  keeper.countDead('exhausted')
  keeper.countDead('unknown')
  keeper.countDead('unknown')
  expect(keeper.ended).toBe(6)
  expect(keeper.toLedger()).toEqual({ done: 3, retried: 5, failedAttempts: 6, dead: { exhausted: 1, unknown: 2 } })
})

test('a ledger does not change when counting goes on', () => {
  const keeper = new LedgerKeeper()
  keeper.countDead('invalid')
  const ledger = keeper.toLedger()
  keeper.countDead('invalid')
  expect(ledger.dead).toEqual({ invalid: 1 })
})

test('counts that are adopted take the place of those before', () => {
  const keeper = new LedgerKeeper()
  keeper.countDone(9)
  keeper.countDead('invalid')
  keeper.adopt({ done: 2, retried: 3, dead: { exhausted: 1, unknown: 1 } })
  keeper.countDead('unknown')
  expect(keeper.ended).toBe(5)
  expect(keeper.toLedger()).toEqual({ done: 2, retried: 3, failedAttempts: 4, dead: { exhausted: 1, unknown: 2 } })
})
