import { describe, expect, it } from 'vitest'
import { type Invocation, parseArguments } from './arguments.ts'

const run = (...args: string[]) => parseArguments(['run', ...args], '/base') as Extract<Invocation, { command: 'run' }>

describe('parseArguments', () => {
  it('takes the options of the contract', () => {
    const line =
      'app.ts --runtime node --jobs 10_000 --warmup 0 --concurrency 4 --trace t/jobs.jsonl --budget heap=2,handles=0.001 --time 2m --stall 500ms --seed 9 --import tsx --import ./a.mjs --bleed --allow-undecided --reporter json,terminal --out reports'
    expect(run(...line.split(' '))).toEqual({
      command: 'run',
      options: {
        module: '/base/app.ts',
        runtimes: ['node'],
        jobs: 10_000,
        warmup: 0,
        concurrency: 4,
        seed: 9,
        trace: '/base/t/jobs.jsonl',
        budget: { heap: 2, handles: 0.001 },
        timeMs: 120_000,
        stallMs: 500,
        imports: ['tsx', './a.mjs'],
        bleed: true,
        cwd: '/base',
      },
      reporters: ['json', 'terminal'],
      out: '/base/reports',
      allowUndecided: true,
      controls: false,
      baseline: undefined,
      worker: undefined,
      bullmq: undefined,
      outbound: undefined,
    })
  })

  it('leaves what is not said to the module and the defaults', () => {
    expect(run('/abs/app.ts')).toMatchObject({
      options: { module: '/abs/app.ts', jobs: undefined, budget: undefined },
      reporters: ['terminal'],
      out: undefined,
    })
  })

  it('takes the options of the zoo', () => {
    const line =
      'zoo --only lru,map-cache --seeds 2 --seed 7 --every 1,1_000 --jobs 5000 --concurrency 3 --time 20s --reporter terminal,json,markdown --out docs'
    expect(parseArguments(line.split(' '), '/base')).toMatchObject({
      command: 'zoo',
      options: {
        cases: [{ name: 'map-cache' }, { name: 'lru' }],
        seeds: [7, 8],
        every: [1, 1_000],
        jobs: 5_000,
        concurrency: 3,
        timeMs: 20_000,
      },
      reporters: ['terminal', 'json', 'markdown'],
      out: '/base/docs',
    })
    expect(parseArguments(['zoo'], '/base')).toMatchObject({
      options: { cases: undefined, seeds: [1], every: undefined, jobs: undefined },
      reporters: ['terminal'],
      out: undefined,
    })
  })

  it.each([
    [['run']],
    [['walk', 'a.ts']],
    [['run', 'a.ts', 'b.ts']],
    [['run', 'a.ts', '--jobs', '0']],
    [['run', 'a.ts', '--jobs', 'many']],
    [['run', 'a.ts', '--concurrency', '1.5']],
    [['run', 'a.ts', '--budget', 'disk=1']],
    [['run', 'a.ts', '--budget', 'heap']],
    [['run', 'a.ts', '--budget', 'toString=1']],
    [['run', 'a.ts', '--budget', 'heap=Infinity']],
    [['run', 'a.ts', '--budget', 'heap=1=2']],
    [['run', 'a.ts', '--time', 'long']],
    [['run', 'a.ts', '--time', '0s']],
    [['run', 'a.ts', '--runtime', ',']],
    [['run', 'a.ts', '--reporter', '']],
    [['run', 'a.ts', '--reporter', 'xml']],
    [['run', 'a.ts', '--unknown']],
    [['run', 'a.ts', '--only', 'lru']],
    [['run', 'a.ts', '--reporter', 'markdown']],
    [['run', 'a.ts', '--worker', 'wrangler.jsonc']],
    [['run', '--bullmq', 'p.js', '--worker', 'wrangler.jsonc']],
    [['run', 'a.ts', '--queue', 'emails']],
    [['run', 'a.ts', '--batch', '10']],
    [['run', '--worker', 'wrangler.jsonc', '--batch', '0']],
    [['run', 'a.ts', '--outbound', 'maybe']],
    [['run', 'a.ts', '--update-baseline']],
    [['run', 'a.ts', '--reporter', 'json,html']],
    [['run', 'a.ts', '--reporter', 'junit,html']],
    [['compare']],
    [['compare', 'a.json']],
    [['compare', 'a.json', 'b.json', 'c.json']],
    [['compare', 'a.json', 'b.json', '--jobs', '10']],
    [['zoo', '--baseline', 'b.json']],
    [['zoo', 'a.ts']],
    [['zoo', '--trace', 'jobs.jsonl']],
    [['zoo', '--only', 'unicorn']],
    [['zoo', '--only', ',']],
    [['zoo', '--seeds', '0']],
    [['zoo', '--every', '10,0']],
    [['zoo', '--jobs', '99']],
    [['zoo', '--reporter', 'xml']],
    [['zoo', '--reporter', 'json,markdown']],
  ])('refuses %j', (args) => {
    expect(() => parseArguments(args, '/base')).toThrow(expect.objectContaining({ code: 'HARNESS_USAGE' }))
  })

  it('takes a Worker, whose runtime is workerd, or a BullMQ processor in place of a module', () => {
    expect(run(...'--worker wrangler.jsonc --queue emails --batch 10 --outbound block'.split(' '))).toMatchObject({
      options: { module: '/base/wrangler.jsonc', runtimes: ['workerd'] },
      worker: { config: '/base/wrangler.jsonc', queue: 'emails', batch: 10 },
      bullmq: undefined,
      outbound: 'block',
    })
    expect(run('--worker', 'wrangler.jsonc')).toMatchObject({ worker: { queue: undefined, batch: undefined } })
    expect(run(...'--bullmq dist/processor.js --runtime node,bun --outbound allow'.split(' '))).toMatchObject({
      options: { module: '/base/dist/processor.js', runtimes: ['node', 'bun'] },
      bullmq: '/base/dist/processor.js',
      outbound: 'allow',
    })
  })

  it('takes all runtimes and reporters', () => {
    const line = 'a.ts --runtime node,workerd,deno,bun --reporter terminal,json,html,junit,github --out reports'
    expect(run(...line.split(' '))).toMatchObject({
      options: { runtimes: ['node', 'workerd', 'deno', 'bun'] },
      reporters: ['terminal', 'json', 'html', 'junit', 'github'],
    })
    expect(run('a.ts', '--reporter', 'terminal,github,junit').out).toBeUndefined()
  })

  it('takes a baseline', () => {
    expect(run('a.ts', '--baseline', 'b.json').baseline).toEqual({ file: '/base/b.json', update: false })
    expect(run('a.ts', '--baseline', 'b.json', '--update-baseline').baseline).toEqual({
      file: '/base/b.json',
      update: true,
    })
  })

  it('takes two reports to compare', () => {
    expect(parseArguments(['compare', 'a.json', '/b.json'], '/base')).toEqual({
      command: 'compare',
      before: '/base/a.json',
      after: '/b.json',
    })
  })
})
