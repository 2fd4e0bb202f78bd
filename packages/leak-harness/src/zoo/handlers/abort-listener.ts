import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A listener a job on the abort signal of the whole process. */
class Download {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const { signal } = new AbortController()

export default ({ data }: ZooJob): void => {
  const download = new Download(data.to)
  const stop = (): unknown => download.to
  signal.addEventListener('abort', stop)
  if (!isLeaky(data)) signal.removeEventListener('abort', stop)
}
