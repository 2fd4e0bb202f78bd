import type { BleedReport } from '../src/bleed/bleed-report.ts'
import { checkModule } from '../src/bleed/check-module.ts'
import { toStartOptions } from '../src/judge-runtime.ts'
import { nodeDriver } from '../src/runtimes/node.ts'
import { fixture, inTurn } from './run-cli.ts'

/** The check alone: memory is weighed elsewhere. */
export const bleed = (file: string): Promise<BleedReport> => {
  const options = { module: fixture(`bleed/${file}`), jobs: 400, warmup: 100 }
  const start = toStartOptions(options, 'jit', new AbortController().signal, () => {})
  return inTurn(() => checkModule(nodeDriver, options, start, () => {}))
}
