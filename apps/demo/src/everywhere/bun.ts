import * as adapter from '@isobar/adapters/bun'
import { runHere } from './run-here.ts'

declare const Bun: { readonly version: string; readonly revision: string }

await runHere({ runtime: 'bun', version: Bun.version, proof: `revision ${Bun.revision}` }, adapter)
