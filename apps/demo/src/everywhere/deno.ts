import * as adapter from '@isobar/adapters/deno'
import { runHere } from './run-here.ts'

declare const Deno: { readonly version: { readonly deno: string; readonly v8: string } }

await runHere({ runtime: 'deno', version: Deno.version.deno, proof: `V8 ${Deno.version.v8}` }, adapter)
