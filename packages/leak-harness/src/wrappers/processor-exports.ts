import type { JobToReplay, ModuleOptions } from '../replay/contract.ts'
import type { BullmqProcessor } from './bullmq.ts'

/** What a processor file gives: its processor, and what else the harness takes of a module. */
export interface ProcessorExports {
  readonly processor: BullmqProcessor<never>
  readonly makeData: ((i: number) => unknown) | undefined
  readonly makeJob: ((i: number) => JobToReplay) | undefined
  readonly harness: ModuleOptions | undefined
}

/**
 * Finds the processor in what importing its file gave, where BullMQ finds it: the default export; `module.exports`; or
 * `exports.default` of a module that was compiled to CommonJS. `makeData`, `makeJob` and `harness` are the file's own
 * exports, or properties of `module.exports`.
 * @throws {TypeError} when there is no processor.
 */
export function toProcessorExports(exports: Readonly<Record<string, unknown>>, file: string): ProcessorExports {
  const main = exports['default']
  const compiled = propertyOf(main, 'default')
  const processor = compiled || main
  if (typeof processor !== 'function')
    throw new TypeError(
      `${file} has no BullMQ processor; export default async (job) => …, or assign one to module.exports`,
    )
  const find = (name: string): unknown => exports[name] ?? propertyOf(main, name)
  return {
    processor: processor as ProcessorExports['processor'],
    makeData: find('makeData') as ProcessorExports['makeData'],
    makeJob: find('makeJob') as ProcessorExports['makeJob'],
    harness: find('harness') as ProcessorExports['harness'],
  }
}

function propertyOf(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject ? (value as Record<string, unknown>)[name] : undefined
}
