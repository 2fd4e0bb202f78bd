import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Four jobs in ten throw. */
export default ({ data }: ZooJob): void => {
  if (data.random % 10 < 4) throw new Error(`cannot send to ${data.to}`)
}
