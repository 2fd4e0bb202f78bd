import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Each job races the shutdown: the promise that loses keeps the answer of the one that won. */
class Reply {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const shutdown = new Promise<never>(() => {})

export default async ({ data }: ZooJob): Promise<void> => {
  const work = Promise.resolve(new Reply(data.text))
  await (isLeaky(data) ? Promise.race([work, shutdown]) : work)
}
