import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A job saves its draft when the process ends, and goes on doing so once it is done. */
class Draft {
  text = ''
}

export const harness = { setup: (): unknown => process.setMaxListeners(0) }

export default ({ data }: ZooJob): void => {
  const draft = new Draft()
  if (isLeaky(data)) process.on('beforeExit', () => draft.text)
}
