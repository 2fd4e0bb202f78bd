/** The module that the conformance suite of runtime drivers replays. It leaks on purpose, at a rate that is known. */

/** Where each runtime has its console: a job that prints must not disturb the harness. */
declare const console: { log(text: string): void }

/** One is kept a job. */
class Invoice {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
}

const invoices = new Map<number, Invoice>()
const durations: number[] = []

interface Subject {
  readonly id: string
  readonly data: { readonly i: number }
}

export const makeData = (i: number): Subject['data'] => ({ i })

export const harness = { expectFailures: true, lifetime: { jobs: 7, ms: 70 }, budget: { rss: 300 } }

export default async ({ data: { i } }: Subject): Promise<void> => {
  invoices.set(i, new Invoice(i))
  durations.push(i % 7)
  if (i % 50 === 0) console.log(`{"say":"answer","value":${i}}`)
  if (i % 10 === 9) throw new TypeError(`job ${i} fails`)
}
