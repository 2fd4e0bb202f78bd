import { existsSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toGithub } from '../report/github.ts'
import { toHtml } from '../report/html.ts'
import { toJson } from '../report/json.ts'
import { toJunit } from '../report/junit.ts'
import { toSummary } from '../report/summary.ts'
import { toText } from '../report/terminal.ts'
import type { HarnessReport } from '../result.ts'
import { FILE_REPORTERS, type Invocation } from './arguments.ts'

/** Files that are written under `--out`. */
const FILES = { json: 'report.json', html: 'report.html', junit: 'report.xml', github: 'summary.md' } as const

/** Where GitHub Actions reads the summary of a step, and where the repository is. */
export interface GithubEnvironment {
  readonly GITHUB_STEP_SUMMARY?: string | undefined
  readonly GITHUB_WORKSPACE?: string | undefined
}

/** Writes a report as it was asked for. A page on standard output is for a program: all else goes to standard error then. */
export async function writeReport(
  report: HarnessReport,
  invocation: Extract<Invocation, { command: 'run' }>,
  environment: GithubEnvironment,
): Promise<void> {
  const { reporters, out, options, allowUndecided } = invocation
  const pages = {
    json: () => toJson(report),
    html: () => toHtml(report),
    junit: () => toJunit(report, { allowUndecided }),
  }
  const wanted = FILE_REPORTERS.filter((name) => reporters.includes(name))
  const stream = wanted.length > 0 && out === undefined ? process.stderr : process.stdout
  if (reporters.includes('terminal'))
    stream.write(toText(report, { colours: stream.isTTY === true && stream.hasColors() }))
  for (const name of wanted) {
    if (out === undefined) await new Promise((resolve) => process.stdout.write(pages[name](), resolve))
    else await writeFile(join(out, FILES[name]), pages[name]())
  }
  if (reporters.includes('github')) {
    const root = environment.GITHUB_WORKSPACE || options.cwd || process.cwd()
    stream.write(toGithub(report, { root, exists: existsSync, allowUndecided }))
    const summary = toSummary(report)
    if (environment.GITHUB_STEP_SUMMARY) await appendFile(environment.GITHUB_STEP_SUMMARY, summary)
    if (out !== undefined) await writeFile(join(out, FILES.github), summary)
  }
}
