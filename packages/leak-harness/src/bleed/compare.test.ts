import { describe, expect, it } from 'vitest'
import { compare, type Results, type Round } from './compare.ts'
import type { BleedJob } from './observation.ts'

const job: BleedJob = { number: 0, name: 'a', data: null }

function results(digest: string | undefined): Results {
  return new Map(digest === undefined ? [] : [[0, { number: 0, outcome: 'done', text: '', digest, changes: [] }]])
}

/** Rounds of one job, each as what it came to forward, reversed, used and alone; `-` for not run. */
function compareRounds(...rounds: string[]) {
  const toRound = (text: string): Round => {
    const [forward, reversed, used, alone] = [...text].map((digest) => results(digest === '-' ? undefined : digest))
    return { forward, reversed, used, alone } as Round
  }
  const { differences, unsteady, restless } = compare([job], rounds.map(toRound))
  return {
    differences: differences.map(({ between, times }) => `${between} ${times}`),
    isUnsteady: unsteady.has(0),
    isRestless: restless.has('a'),
  }
}

describe('compare', () => {
  it.each([
    ['the same everywhere', ['1111', '11--'], [], false, false],
    ['the reverse', ['1211', '12--'], ['orders 2'], false, false],
    ['a used process', ['1121', '112-'], ['used 2'], false, false],
    ['alone', ['1112', '11-2', '1--2'], ['alone 3'], false, false],
    ['alone, and another in company each time', ['1230', '45-0'], ['alone 2'], true, true],
    ['what is not the same again', ['1211', '13--'], [], true, true],
    ['what is sometimes the same', ['1212', '22--'], [], true, true],
    ['alone not always', ['1112', '11-1'], [], false, false],
    ['used not always', ['1121', '113-'], [], false, true],
    ['a date that changes between two rounds', ['1111', '2222'], [], true, true],
    ['a date that changes within a round', ['1222', '22--'], [], true, true],
  ])('%s', (_, rounds, differences, isUnsteady, isRestless) => {
    expect(compareRounds(...rounds)).toEqual({ differences, isUnsteady, isRestless })
  })
})
