import { expect, test } from 'vitest'
import { grouped, MAX_GROUP } from './grouped.ts'
import type { SqlTransaction } from './sql.ts'

/** Answers a statement with its text; the transactions that it was asked in. */
function recording() {
  const transactions: string[][] = []
  const query = grouped(async (run) => {
    const texts: string[] = []
    transactions.push(texts)
    const tx: SqlTransaction = {
      async query(text, values = []) {
        texts.push(text)
        if (text === 'bad') throw new Error('bad')
        return { rows: [[text, ...values]] }
      },
    }
    return run(tx)
  })
  return { query, transactions }
}

test('what is asked in one turn is one transaction, in its order', async () => {
  const { query, transactions } = recording()
  const answers = await Promise.all([query('a', [1]), Promise.resolve().then(() => query('b')), query('c')])
  expect(answers).toEqual([[['a', 1]], [['b']], [['c']]])
  expect(transactions).toEqual([['a', 'c', 'b']])
  await query('d')
  expect(transactions.at(-1)).toEqual(['d'])
})

test('one that fails spoils no other', async () => {
  const { query, transactions } = recording()
  const answers = await Promise.allSettled([query('a'), query('bad'), query('c')])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(transactions).toEqual([['a', 'bad'], ['a'], ['bad'], ['c']])
})

test('a transaction has so many at most', async () => {
  const { query, transactions } = recording()
  await Promise.all(Array.from({ length: MAX_GROUP + 1 }, (_, at) => query(`${at}`)))
  expect(transactions.map(({ length }) => length)).toEqual([MAX_GROUP, 1])
})
