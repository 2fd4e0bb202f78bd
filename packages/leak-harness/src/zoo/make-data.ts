import { createRandom } from '../stats/random.ts'

/** The data of a zoo's job: small, and different for each job and seed. */
export interface ZooData {
  /** Number of the job, from 0. */
  readonly i: number
  /** An e-mail address. */
  readonly to: string
  /** 8 to 200 characters. */
  readonly text: string
  /** 0 to 2 ** 32 - 1, at random. */
  readonly random: number
}

/** The job that a handler of the zoo is called with. */
export interface ZooJob {
  readonly id: string
  readonly data: ZooData
}

const SEED = Number(process.env['ZOO_SEED'] ?? 1)

/** Whole numbers under 2 ** 32 that are always the same for the same seed. */
export function createWholeNumbers(seed: number): () => number {
  const next = createRandom(seed)
  return () => next() * 2 ** 32
}

/** The data of job `i`, with the seed from `ZOO_SEED`: the same in each process. */
export function makeData(i: number): ZooData {
  const next = createWholeNumbers(Math.imul(SEED, 0x9e3779b1) + i)
  const text = next()
    .toString(36)
    .repeat(2 + (next() % 30))
  return { i, to: `user-${i}@example.com`, text: text.slice(0, 8 + (next() % 193)), random: next() }
}
