import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A deadline of an hour a job, cleared when the job is done. */
export default async ({ data }: ZooJob): Promise<void> => {
  const deadline = setTimeout(() => data.to, 3_600_000)
  try {
    await null
  } finally {
    clearTimeout(deadline)
  }
}
