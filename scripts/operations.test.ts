/** The files that operators take over: they parse, they name what there is, and their arithmetic holds. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DEFAULT_ABORT_GRACE_MS, DEFAULT_STOP_GRACE_MS } from '@isobar/core/worker'
import { expect, test } from 'vitest'
import { METRICS, type MetricFamily } from '../packages/adapters/src/http/metrics/families.ts'
import { toBudget } from '../packages/adapters/src/processes/isolates/budget.ts'
import { toPoolSettings } from '../packages/adapters/src/processes/isolates/settings.ts'
import { runQuietly } from './packed/run-quietly.ts'

const DOCS = new URL('../docs/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, DOCS), 'utf8')

/** Bun has a parser of YAML. */
async function readYaml(name: string) {
  const path = fileURLToPath(new URL(name, DOCS))
  const script = `console.log(JSON.stringify(Bun.YAML.parse(await Bun.file(${JSON.stringify(path)}).text())))`
  return JSON.parse(await runQuietly(['bun', '-e', script], { cwd: fileURLToPath(DOCS) }))
}

/** Labels that Prometheus adds, and those of the parts of a histogram. */
const ADDED = ['instance', 'le']

/** Holds an expression against the contract: every metric there is, by a name that its type has, and every label its own. */
function expectKnown(expression: string): void {
  const uses = [...expression.matchAll(/(isobar_\w+)(?:\{([^}]*)\})?/g)]
  expect(uses.length, expression).toBeGreaterThan(0)
  const labels = new Set(ADDED)
  for (const [, name = '', selector = ''] of uses) {
    const family = familyOf(name)
    expect(family, `${name} in ${expression}`).toBeDefined()
    for (const label of family?.labels ?? []) labels.add(label)
    for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
      expect([...ADDED, ...(family?.labels ?? [])], `${name} in ${expression}`).toContain(label)
    if (/\b(rate|increase)\(/.test(expression) && family?.type === 'gauge')
      expect(expression, 'a gauge has no rate').not.toMatch(new RegExp(`(rate|increase)\\(${name}`))
  }
  for (const [, list = ''] of expression.matchAll(/\b(?:by|without|on)\s*\(([^)]*)\)/g))
    for (const label of list.split(',')) expect([...labels], expression).toContain(label.trim())
}

function familyOf(name: string): MetricFamily | undefined {
  const families: Readonly<Record<string, MetricFamily>> = METRICS
  const [, histogram] = /^(.*)_(?:bucket|sum|count)$/.exec(name) ?? []
  if (histogram && families[histogram]?.type === 'histogram') return families[histogram]
  return families[name]?.type === 'histogram' ? undefined : families[name]
}

test('alerts: rules of Prometheus on metrics that there are, for all that operators must hear of', async () => {
  const { groups } = await readYaml('prometheus-alerts.yaml')
  const rules: Rule[] = groups.flatMap((group: { readonly rules: readonly Rule[] }) => group.rules)
  expect(groups.map(({ name }: { readonly name: string }) => name)).toEqual([
    'isobar-memory',
    'isobar-jobs',
    'isobar-workers',
  ])
  for (const { alert, expr, annotations, labels } of rules) {
    expect(alert).toMatch(/^Isobar[A-Z]\w+$/)
    expectKnown(expr)
    expect(annotations.summary, alert).toBeTypeOf('string')
    expect(['info', 'warning', 'critical']).toContain(labels.severity)
    // What is told of must be left by the expression.
    const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].map(([, list = '']) => list.split(', '))
    const told = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label)
    for (const label of told) if (kept.length > 0) expect(kept[0], alert).toContain(label)
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  const all = rules.map(({ expr }) => expr).join('\n')
  for (const needed of ['job_leak_suspect', 'worker_memory_bytes[1h] offset 6h', 'outcome="retry"', 'state="dead"'])
    expect(all).toContain(needed)
  for (const needed of ['duration_seconds_bucket', 'oldest_age_seconds', 'cause="memory"'])
    expect(all).toContain(needed)
})

test('the dashboard of Grafana shows metrics that there are, bytes a job first', () => {
  const dashboard = JSON.parse(read('grafana-dashboard.json'))
  const panels: Panel[] = dashboard.panels
  const places = panels.map(({ id, gridPos: { x, y, w, h } }) => {
    expect(x + w, `panel ${id}`).toBeLessThanOrEqual(24)
    return { id, x, y, right: x + w, bottom: y + h }
  })
  for (const a of places)
    for (const b of places)
      if (a.id < b.id)
        expect(a.right <= b.x || b.right <= a.x || a.bottom <= b.y || b.bottom <= a.y, `${a.id} covers ${b.id}`).toBe(
          true,
        )
  for (const { title, targets, datasource, fieldConfig } of panels) {
    expect(datasource.uid, title).toMatch(/^\$\{datasource\}$/)
    for (const { expr } of targets) {
      expectKnown(expr)
      if (/_bytes/.test(expr)) expect(fieldConfig.defaults.unit, title).toBe('bytes')
    }
  }
  expect(panels[0]?.targets[0]?.expr).toContain('isobar_job_left_bytes')
  const variables: readonly { readonly name: string; readonly query: unknown }[] = dashboard.templating.list
  for (const [, name] of JSON.stringify(panels).matchAll(/\$(?!__)\{?(\w+)/g))
    expect(variables.map((variable) => variable.name)).toContain(name)
  for (const { query } of variables.slice(1))
    expectKnown((query as { readonly query: string }).query.replace(/^label_values/, ''))
})

test('the manifest of Kubernetes: memory for all isolates, a spare and their supervisor, and time to drain', async () => {
  const { apiVersion, kind, spec } = await readYaml('kubernetes.yaml')
  expect([apiVersion, kind]).toEqual(['apps/v1', 'Deployment'])
  const pod = spec.template.spec
  expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels)
  const [container] = pod.containers
  const env: Readonly<Record<string, string>> = Object.fromEntries(
    container.env.map(({ name, value }: { readonly name: string; readonly value?: string }) => [name, value]),
  )

  const { limits, requests } = container.resources
  const limit = toMebibytes(limits.memory)
  const size = Number(env['ISOLATES'])
  const memory = env['ISOLATE_MEMORY'] as '256mib'
  const settings = toPoolSettings('file:///app.ts', { size, memory })
  // One that drains beside its successor.
  const processes = size + settings.spares + 1
  // What isobar would give each of them in this container is what the manifest gives, and not much more.
  expect(toBudget(processes, limit)).toBeGreaterThanOrEqual(settings.memory)
  expect(toBudget(processes, limit * 0.95)).toBeLessThan(settings.memory)
  expect(toMebibytes(requests.memory)).toBe(limit)
  expect(limits.cpu, 'a limit of CPU only makes drains slower').toBeUndefined()

  const graceMs = pod.terminationGracePeriodSeconds * 1_000
  expect(graceMs).toBe(45_000)
  expect(graceMs).toBeGreaterThan(DEFAULT_STOP_GRACE_MS + DEFAULT_ABORT_GRACE_MS + 2 * 5_000)

  const [port] = container.ports
  const { startupProbe, readinessProbe, livenessProbe } = container
  expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: port.name })
  for (const { httpGet } of [startupProbe, livenessProbe])
    expect(httpGet).toEqual({ path: '/healthz', port: port.name })
  const { annotations } = spec.template.metadata
  expect(annotations).toEqual({
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(port.containerPort),
    'prometheus.io/path': '/metrics',
  })

  const page = read('http.md')
  for (const line of [
    `terminationGracePeriodSeconds: ${graceMs / 1_000}`,
    `memory: ${limits.memory}`,
    `${size} isolates`,
  ])
    expect(page).toContain(line)
})

function toMebibytes(quantity: string): number {
  const [, number] = /^(\d+)Mi$/.exec(quantity) ?? []
  return Number(number) * 2 ** 20
}

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly datasource: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig: { readonly defaults: { readonly unit: string } }
  readonly targets: readonly { readonly expr: string }[]
}
