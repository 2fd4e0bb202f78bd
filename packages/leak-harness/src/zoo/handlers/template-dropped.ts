import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A template is compiled for each job and dropped after it. */
export default ({ data }: ZooJob): unknown => new Function('data', `return 'Dear ${data.to}, ' + data.text`)(data)
