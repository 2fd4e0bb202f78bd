import process from 'node:process'
import * as adapter from '@isobar/adapters/node'
import { runHere } from './run-here.ts'

const { config, versions } = process
// Deno and Bun imitate Node, and were not built as it is.
const proof = `V8 ${versions.v8}, shared OpenSSL ${config.variables.node_shared_openssl}`
await runHere({ runtime: 'node', version: versions.node, proof }, adapter)
