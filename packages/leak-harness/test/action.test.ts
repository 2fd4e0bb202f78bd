import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CLI_TIMEOUT_MS, fixture, inTurn } from './run-cli.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const action = readFileSync(new URL('../action.yml', import.meta.url), 'utf8')
const workflow = readFileSync(new URL('../../../docs/examples/leak-harness-workflow.yml', import.meta.url), 'utf8')
const docs = readFileSync(new URL('../../../docs/leak-harness.md', import.meta.url), 'utf8')

/** The lines that are indented deeper than the key `name:`, which they follow. */
function blockOf(text: string, name: string): string[] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.trim() === name)
  const indent = (line: string): number => line.length - line.trimStart().length
  const own = indent(lines[start] as string)
  const end = lines.findIndex((line, i) => i > start && line.trim() !== '' && indent(line) <= own)
  return lines.slice(start + 1, end < 0 ? undefined : end)
}

const inputs = blockOf(action, 'inputs:').flatMap((line) => line.match(/^ {2}(\S+):$/)?.[1] ?? [])
const defaults: Record<string, string> = Object.fromEntries(
  inputs.map((name) => {
    const line = blockOf(action, `${name}:`).find((one) => one.trim().startsWith('default:')) as string
    return [name, line.replace(/^ *default: /, '').replace(/^(['"])(.*)\1$/, '$2')]
  }),
)
const variableOf = (name: string): string => `INPUT_${name.toUpperCase().replaceAll('-', '_')}`

/** Runs the action's first step, as the runner would. */
async function run(given: Record<string, string>): Promise<{ code: string; output: string; files: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'leak-action-'))
  try {
    const values = { ...defaults, out: join(folder, 'report'), ...given }
    const env = Object.fromEntries(Object.entries(values).map(([name, value]) => [variableOf(name), value]))
    const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') }
    const script = blockOf(action, 'run: |').join('\n')
    const output = await new Promise<string>((resolve, reject) => {
      const options = { cwd: root, env: { ...process.env, ...env, ...files } }
      execFile('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], options, (error, stdout, stderr) =>
        error ? reject(error) : resolve(stdout + stderr),
      )
    })
    const code = (await readFile(files.GITHUB_OUTPUT, 'utf8')).trim()
    return { code, output, files: await readdir(join(folder, 'report')).catch(() => []) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the action', () => {
  it('hands on each input that it has', () => {
    expect(inputs.length).toBeGreaterThan(10)
    const used = new Set([...action.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name))
    expect([...used].sort()).toEqual([...inputs].sort())
    for (const name of inputs.filter((one) => action.includes(`${variableOf(one)}: `)))
      expect(action).toContain(`${variableOf(name)}: \${{ inputs.${name} }}`)
  })

  it('has no input in the text of a script', () => {
    expect(blockOf(action, 'run: |').join('\n')).not.toContain('${{')
  })

  it('is called in the example with inputs that it has', () => {
    const given = blockOf(workflow.slice(workflow.indexOf('packages/leak-harness@')), 'with:')
    const names = given.flatMap((line) => line.match(/^ {10}([a-z-]+):/)?.[1] ?? [])
    expect(names).toContain('module')
    for (const name of names) expect(inputs).toContain(name)
  })

  it('is described, with the example', () => {
    expect(docs).toContain(`\`\`\`yaml\n${workflow}\`\`\``)
    for (const name of inputs) expect(docs.slice(docs.indexOf('## In GitHub Actions'))).toContain(`\`${name}\``)
  })

  it('runs the harness, writes the reports, and passes the exit code on', { timeout: CLI_TIMEOUT_MS }, async () => {
    const args = '--warmup\n100\n\n--stall\n60s'
    const { code, output, files } = await inTurn(() =>
      run({ module: fixture('numbers.ts'), jobs: '500', time: '1s', args }),
    )
    expect(code, output).toBe('code=1')
    expect(output).toContain('LEAK')
    expect(output).toContain('::error')
    expect(files.sort()).toEqual(expect.arrayContaining(['report.html', 'report.json', 'report.xml']))
  })

  it('passes on that a run failed', { timeout: CLI_TIMEOUT_MS }, async () => {
    const { code } = await inTurn(() => run({ module: '$(exit 7); "$HOME"', reporter: 'terminal' }))
    expect(code).toBe('code=3')
  })
})
