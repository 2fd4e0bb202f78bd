import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'
import { COMMANDS } from './commands.ts'
import { toHelp, toOverview } from './help.ts'

const parse = (...args: string[]) => parseCommandLine(args, COMMANDS)

const failure = (...args: string[]): string => {
  try {
    parse(...args)
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE' })
    return (error as Error).message
  }
  return 'parsed'
}

describe('a command line', () => {
  test('names a command of one word or two, what follows, and options anywhere', () => {
    const line = parse('--json', '--database', 'postgres://x/y', 'dead', 'redrive', 'a', '--queue=q', 'b', '--', '--c')
    expect(line).toMatchObject({
      kind: 'run',
      command: { name: 'dead redrive' },
      parameters: ['a', 'b', '--c'],
      options: { json: '', database: 'postgres://x/y', queue: 'q' },
    })
  })

  test('may give a value that starts with a dash, and a lone dash', () => {
    expect(parse('enqueue', 'n', '--data=-5')).toMatchObject({ options: { data: '-5' } })
    expect(parse('enqueue', 'n', '-', '--priority', 'low')).toMatchObject({ parameters: ['n', '-'] })
    expect(parse('enqueue', 'n', '--data-file', '-')).toMatchObject({ options: { 'data-file': '-' } })
  })

  test('may begin with the mark that package managers leave', () => {
    expect(parse('--', 'stats', '--json')).toMatchObject({ command: { name: 'stats' }, options: { json: '' } })
  })

  test.each([
    [['--help'], undefined],
    [['help'], undefined],
    [['-h'], undefined],
    [['help', 'stats'], 'stats'],
    [['stats', '--help'], 'stats'],
    [['dead', 'list', '-h', '--nonsense'], 'dead list'],
    [['enqueue', '--help'], 'enqueue'],
  ])('%j asks for help', (args, name) => {
    const line = parse(...args)
    expect(line).toMatchObject({ kind: 'help' })
    expect((line as { command?: { name: string } }).command?.name).toBe(name)
  })

  test('asks for the help of a group', () => {
    expect(parse('dead', '--help')).toMatchObject({ kind: 'help', command: undefined, group: 'dead' })
  })

  test.each([
    [[], 'there is no command;'],
    [['stat'], 'there is no command stat (did you mean stats?)'],
    [['frobnicate'], 'there is no command frobnicate;'],
    [['dead'], 'dead needs one of dead list, dead redrive, dead discard'],
    [['dead', 'lst'], 'there is no command dead lst (did you mean dead list?)'],
    [['job', 'show', 'x'], 'did you mean jobs?'],
    [['stats', '--jsn'], 'stats has no option --jsn (did you mean --json?)'],
    [['stats', '--yes'], 'stats has no option --yes;'],
    [['stats', '--constructor'], 'stats has no option --constructor;'],
    [['stats', '-x'], 'stats has no option -x'],
    [['stats', '--json', '--json'], '--json is given twice'],
    [['stats', '--json=1'], '--json takes no value'],
    [['stats', '--schema'], '--schema needs a value'],
    [['stats', '--schema='], '--schema needs a value'],
    [['stats', '--schema', '--json'], '--schema is followed by --json; write --schema=--json'],
    [['jobs', 'show'], 'jobs show needs more: isobar jobs show ID'],
    [['jobs', 'show', 'a', 'b'], '"b" is one too many'],
    [['migrate', 'now'], '"now" is one too many'],
  ])('%j is not understood: %s', (args, message) => {
    expect(failure(...args)).toContain(message)
  })
})

describe('the help', () => {
  const pages = [toOverview(COMMANDS), toOverview(COMMANDS, 'dead'), ...COMMANDS.map(toHelp)]

  test('fits into 80 columns', () => {
    for (const line of pages.flatMap((page) => page.split('\n'))) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  test('of a group has its commands only', () => {
    expect(toOverview(COMMANDS, 'dead')).toContain('dead redrive')
    expect(toOverview(COMMANDS, 'dead')).not.toContain('enqueue')
  })

  test('of a command names each of its options', () => {
    for (const command of COMMANDS) {
      for (const name of [...Object.keys(command.options), 'database', 'folder', 'json']) {
        expect(toHelp(command)).toContain(`--${name}`)
      }
    }
  })
})

test('commands agree on which options take a value', () => {
  const takes = new Map<string, boolean>()
  for (const { options } of COMMANDS) {
    for (const [name, { value }] of Object.entries(options)) {
      expect(takes.get(name) ?? value !== undefined, name).toBe(value !== undefined)
      takes.set(name, value !== undefined)
    }
  }
})
