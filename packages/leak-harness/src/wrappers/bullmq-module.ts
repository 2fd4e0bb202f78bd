/** The module that the harness is given for a BullMQ processor file as it stands: `toBullmqRun` says which file that is. */
import { pathToFileURL } from 'node:url'
import type { HandlerJob, JobToReplay, ModuleOptions } from '../replay/contract.ts'
import { fromBullmq } from './bullmq.ts'
import { PROCESSOR_VARIABLE } from './bullmq-file.ts'
import { toProcessorExports } from './processor-exports.ts'

const file = process.env[PROCESSOR_VARIABLE]
if (file === undefined)
  throw new Error(`no BullMQ processor to load; set ${PROCESSOR_VARIABLE} to the absolute path of its file`)

const found = toProcessorExports((await import(pathToFileURL(file).href)) as Record<string, unknown>, file)

const handler: (job: HandlerJob) => Promise<unknown> = fromBullmq(found.processor)
export default handler
export const makeData: ((i: number) => unknown) | undefined = found.makeData
export const makeJob: ((i: number) => JobToReplay) | undefined = found.makeJob
export const harness: ModuleOptions | undefined = found.harness
