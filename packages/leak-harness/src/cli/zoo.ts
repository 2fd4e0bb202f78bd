import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { formatCount } from '../report/format.ts'
import { runZoo, type ZooResult } from '../zoo/run-zoo.ts'
import { zooExitCode, zooLine, zooToJson, zooToMarkdown, zooToText } from '../zoo/zoo-report.ts'
import type { Invocation } from './arguments.ts'

/** Endings of the files that are written under `--out`. */
const ENDINGS = { json: 'json', markdown: 'md' } as const

/** Runs the zoo, telling of each result on standard error, and writes its reports. Answers the exit code. */
export async function zoo(invocation: Extract<Invocation, { command: 'zoo' }>, signal: AbortSignal): Promise<number> {
  const results = await runZoo({
    ...invocation.options,
    onResult: (result) => process.stderr.write(`${zooLine(result)}\n`),
    signal,
  })
  await write(results, invocation)
  return zooExitCode(results)
}

/** A report for programs or for a page on standard output: what a person reads goes to standard error then. */
async function write(
  results: readonly ZooResult[],
  { reporters, out }: Extract<Invocation, { command: 'zoo' }>,
): Promise<void> {
  const pages = { json: () => zooToJson(results), markdown: () => zooToMarkdown(results, made(results)) }
  const wanted = (['json', 'markdown'] as const).filter((name) => reporters.includes(name))
  if (reporters.includes('terminal'))
    (wanted.length > 0 && out === undefined ? process.stderr : process.stdout).write(zooToText(results))
  for (const name of wanted) {
    if (out === undefined) await new Promise((resolve) => process.stdout.write(pages[name](), resolve))
    else await writeFile(join(out, `${fileOf(results)}.${ENDINGS[name]}`), pages[name]())
  }
}

/** `zoo` for Node alone, else `zoo-deno-bun`. */
function fileOf(results: readonly ZooResult[]): string {
  const runtimes = [...new Set(results.map(({ runtime }) => runtime))]
  return runtimes.every((runtime) => runtime === 'node') ? 'zoo' : `zoo-${runtimes.join('-')}`
}

function made(results: readonly ZooResult[]): string {
  const jobs = Math.max(0, ...results.map((result) => result.jobs))
  const seeds = new Set(results.map(({ seed }) => seed)).size
  const day = new Date().toISOString().slice(0, 10)
  return `Made on ${day} with Node ${process.versions.node}, ${process.platform}, ${availableParallelism()} cores; ${formatCount(jobs)} jobs a run after 2,000 to warm up, fewer where jobs are slow; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}.`
}
