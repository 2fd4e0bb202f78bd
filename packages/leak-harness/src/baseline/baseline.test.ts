import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failedRun, flatRun, grows, inRuntime, leakRun, reportOf, undecidedRun } from '../../test/report-data.ts'
import { exitCodeOf, type RunReport } from '../result.ts'
import { applyBaseline, type Baseline, EMPTY_BASELINE, updateBaseline } from './baseline.ts'
import { parseBaseline, readBaseline, toBaselineText, writeBaseline } from './baseline-file.ts'

const FILE = '/repo/test/baseline.json'
const accepted = updateBaseline(EMPTY_BASELINE, reportOf([leakRun]), FILE)

const faster = (run: RunReport, factor: number): RunReport => ({
  ...run,
  containers: run.containers.map((one) => ({ ...one, perJob: one.perJob * factor })),
})
const judge = (run: RunReport, baseline: Baseline = accepted) => {
  const report = applyBaseline(reportOf([run]), baseline, FILE)
  return { code: exitCodeOf(report), ...report.runs[0]?.baseline }
}

describe('updateBaseline', () => {
  it('names what leaks by constructor and owner, without lines, relative to the file', () => {
    expect(accepted.leaks).toEqual([
      {
        ...{ module: '../src/jobs/app.ts', runtime: 'node', kind: 'container', name: 'Map', perJob: 1 },
        path: 'function add (jobs/store.ts) → variable seen: Map',
      },
      {
        ...{ module: '../src/jobs/app.ts', runtime: 'node', kind: 'group', name: 'Invoice', perJob: 1 },
        path: 'function add (jobs/store.ts) → variable seen: Map → Invoice',
      },
    ])
  })

  it('takes a measure where nothing else accounts for it', () => {
    const native = { ...leakRun, cohort: flatRun.cohort, containers: [] }
    const kinds = (run: RunReport) =>
      updateBaseline(EMPTY_BASELINE, reportOf([run]), FILE).leaks.map(({ name }) => name)
    expect(kinds({ ...native, measures: { ...flatRun.measures, rss: grows(5_000, 256) } })).toEqual(['rss'])
    expect(
      kinds({ ...native, measures: { ...flatRun.measures, external: grows(9_000), rss: grows(9_100, 256) } }),
    ).toEqual(['external'])
    expect(kinds({ ...native, measures: { ...flatRun.measures, heap: grows(600) } })).toEqual(['heap'])
    expect(
      kinds({ ...leakRun, measures: { ...flatRun.measures, handles: { ...grows(1, 0.0005), verdict: 'undecided' } } }),
    ).toContain('handles')
  })

  it('replaces what was judged, and keeps other modules, runtimes, and what was not decided', () => {
    const other = { ...(accepted.leaks[0] as Baseline['leaks'][0]), module: 'other.ts' }
    const before: Baseline = { version: 1, leaks: [...accepted.leaks, other] }
    expect(updateBaseline(before, reportOf([flatRun]), FILE).leaks).toEqual([other])
    expect(updateBaseline(before, reportOf([undecidedRun], [failedRun]), FILE).leaks).toHaveLength(3)
    const added = updateBaseline(before, reportOf([inRuntime(leakRun, 'bun')]), FILE).leaks
    expect(added.map(({ runtime }) => runtime)).toEqual(['bun', 'bun', 'node', 'node', 'node'])
    expect(updateBaseline({ version: 1, leaks: added }, reportOf([]), FILE).leaks).toEqual(added)
  })
})

describe('applyBaseline', () => {
  it('lets a leak pass that has not grown, and says so', () => {
    expect(judge(leakRun)).toMatchObject({ code: 0, refused: [], gone: [] })
    expect(judge(leakRun).accepted).toContain(
      'Map, at function add (jobs/store.ts) → variable seen: Map, 1.00 entries a job',
    )
    expect(judge(faster(leakRun, 1.1)).code).toBe(0)
  })

  it('fails one that has grown, or is not in it', () => {
    expect(judge(faster(leakRun, 1.11))).toMatchObject({
      code: 1,
      refused: ['Map, at function add (jobs/store.ts) → variable seen: Map, 1.11 entries a job, which was 1.00'],
    })
    expect(judge(leakRun, { version: 1, leaks: accepted.leaks.slice(1) })).toMatchObject({ code: 1 })
    expect(judge(leakRun, EMPTY_BASELINE).refused).toHaveLength(2)
    expect(judge(inRuntime(leakRun, 'bun')).code).toBe(1)
    expect(judge({ ...leakRun, module: '/repo/src/other.ts' }).code).toBe(1)
  })

  it('is not tripped by other lines and counts of a path', () => {
    const [group] = leakRun.cohort.groups
    const path = ['function add (jobs/store.ts:99)', 'variable seen: Map', 'Invoice']
    const moved = { ...leakRun, cohort: { ...leakRun.cohort, groups: [{ ...group, path }] } } as RunReport
    expect(judge(moved).code).toBe(0)
  })

  it('says what does not leak any more, where that was shown', () => {
    expect(judge(flatRun)).toMatchObject({ code: 0, accepted: [], refused: [] })
    expect(judge(flatRun).gone).toHaveLength(2)
    expect(judge(undecidedRun)).toMatchObject({ code: 2, gone: [] })
    expect(judge({ ...leakRun, containers: [] })).toMatchObject({ code: 0 })
    expect(judge({ ...leakRun, containers: [] }).gone).toHaveLength(1)
  })

  it('accepts nothing where a leak has no name, and no bleeding', () => {
    const nameless = { ...leakRun, cohort: flatRun.cohort, containers: [], measures: flatRun.measures }
    expect(judge(nameless).code).toBe(1)
    expect(exitCodeOf(applyBaseline(reportOf([leakRun, { ...leakRun, module: '/b.ts' }]), accepted, FILE))).toBe(1)
  })
})

describe('the file of a baseline', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'baseline-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('comes back as it was written', async () => {
    const file = join(folder, 'baseline.json')
    await writeBaseline(accepted, file)
    expect(await readBaseline(file)).toEqual(accepted)
    expect(await readFile(file, 'utf8')).toBe(toBaselineText(accepted))
    await writeBaseline(EMPTY_BASELINE, file)
    expect(await readBaseline(file)).toEqual(EMPTY_BASELINE)
  })

  it('may be absent before it is written first', async () => {
    const file = join(folder, 'absent.json')
    expect(await readBaseline(file, { mayBeAbsent: true })).toEqual(EMPTY_BASELINE)
    await expect(readBaseline(file)).rejects.toThrow(/^the baseline cannot be read: ENOENT.*--update-baseline/)
    await expect(writeBaseline(accepted, join(folder, 'none', 'b.json'))).rejects.toMatchObject({
      code: 'HARNESS_USAGE',
    })
  })

  it('is refused when it is none', async () => {
    const file = join(folder, 'broken.json')
    await writeFile(file, '{')
    await expect(readBaseline(file, { mayBeAbsent: true })).rejects.toThrow(/is no baseline: it is not JSON/)
    for (const text of [
      '[]',
      '{}',
      '{"version":2,"leaks":[]}',
      '{"version":1,"leaks":[{}]}',
      '{"version":1,"leaks":[null]}',
    ])
      expect(() => parseBaseline(text, 'b.json')).toThrow(/^b\.json is no baseline: .*--update-baseline/)
  })
})
