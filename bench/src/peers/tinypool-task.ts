import type { LeakData } from '../pool/job-types.ts'
import { Marks } from '../pool/marks.ts'
import { leakOnce } from '../subjects/leaks.ts'

const marks = new Marks({ atOnce: true })

/** What tinypool runs for each job: the same as isobar's handler that leaks. */
export default async function run(data: LeakData): Promise<void> {
  await leakOnce(data)
  marks.add(data.n)
}
