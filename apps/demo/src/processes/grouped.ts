import { setImmediate } from 'node:timers/promises'
import type { Sql, SqlQuery } from './sql.ts'

/** Statements of one transaction at most. */
export const MAX_GROUP = 100

interface Asked {
  readonly text: string
  readonly values: unknown[] | undefined
  readonly resolve: (rows: never[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks the statements that come in one turn of the event loop in one transaction, in their order. Jobs that run at once
 * so share what a transaction costs, which on an engine in this process is as much as a statement. When one fails, each
 * is asked by itself, so that none fails for another.
 */
export function grouped(transaction: Sql['transaction']): SqlQuery {
  let asked: Asked[] = []

  const askAll = async (group: readonly Asked[]): Promise<void> => {
    try {
      const answers = await transaction(async (tx) => {
        const all: unknown[][] = []
        for (const { text, values } of group) all.push((await tx.query(text, values)).rows)
        return all
      })
      for (const [at, { resolve }] of group.entries()) resolve(answers[at] as never[])
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error)
      else for (const each of group) await askAll([each])
    }
  }
  const flush = async (): Promise<void> => {
    await setImmediate()
    const all = asked
    asked = []
    for (let at = 0; at < all.length; at += MAX_GROUP) await askAll(all.slice(at, at + MAX_GROUP))
  }

  return (text, values) =>
    new Promise((resolve, reject) => {
      asked.push({ text, values, resolve, reject })
      if (asked.length === 1) void flush()
    })
}
