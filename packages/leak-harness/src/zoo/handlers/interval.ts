import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A heartbeat a job that goes on after the job. */
class Heartbeat {
  beats = 0
}

export default ({ data }: ZooJob): void => {
  const heartbeat = new Heartbeat()
  const beat = (): void => {
    heartbeat.beats++
  }
  const timer = setInterval(beat, 600_000).unref()
  if (!isLeaky(data)) clearInterval(timer)
}
