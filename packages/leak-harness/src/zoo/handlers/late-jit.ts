import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A hot function that first runs at job 3,000: it is compiled in the middle of the run. */
function mix(text: string): number {
  let hash = 0
  for (let round = 0; round < 20; round++)
    for (let n = 0; n < text.length; n++) hash = (Math.imul(hash, 31) + text.charCodeAt(n)) | 0
  return hash
}

export default ({ data }: ZooJob): number => (data.i < 3_000 ? 0 : mix(data.text))
