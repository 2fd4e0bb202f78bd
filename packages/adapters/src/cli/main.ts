#!/usr/bin/env node
import { problemWithNode } from './node-version.ts'

// All else is imported after the check: an older Node may fail to read it, with an error that says nothing.
const problem = problemWithNode(process.versions.node)
if (problem) {
  process.stderr.write(`isobar: ${problem}\n`)
  process.exitCode = 1
} else {
  const { runCli } = await import('./cli.ts')
  const { createIo } = await import('./io.ts')
  const code = await runCli(process.argv.slice(2), createIo(process))
  // A worker goes on, and says itself how it ends.
  if (code !== undefined) process.exitCode = code
}
