import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Results are written out in batches of 3,700. */
const batch: { readonly text: string }[] = []

export default ({ data }: ZooJob): void => {
  batch.push({ text: data.text })
  if (batch.length === 3_700) batch.length = 0
}
