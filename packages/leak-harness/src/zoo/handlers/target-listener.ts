import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A listener a job on an EventTarget that lives as long as the process. */
class Subscription {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const feed = new EventTarget()

export default ({ data }: ZooJob): void => {
  const subscription = new Subscription(data.to)
  if (isLeaky(data)) feed.addEventListener('news', () => subscription.to)
}
