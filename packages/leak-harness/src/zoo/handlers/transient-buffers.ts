import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A buffer of 1 MB a job, which nobody keeps. */
export default ({ data }: ZooJob): number => {
  const image = Buffer.alloc(1_000_000)
  image[data.random % image.length] = 1
  return image.indexOf(1)
}
