import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Each job wants to know of the shutdown: what its callback uses lives until then. */
class Upload {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
const shutdown = new Promise<void>(() => {})

export default ({ data }: ZooJob): void => {
  const upload = new Upload(data.text)
  if (isLeaky(data)) void shutdown.then(() => upload.text)
}
