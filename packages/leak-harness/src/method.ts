import { DECAY, MIN_GROWTH } from './heap/growth-rule.ts'
import type { Method } from './result.ts'
import { BOOTSTRAP_RESAMPLES } from './stats/bootstrap.ts'
import { MDE_STANDARD_ERRORS } from './stats/decision.ts'
import { FLOOR_OF } from './stats/floor.ts'
import { CONFIRM_CUTS, MAX_COHORTS } from './witness/entries.ts'
import { MAX_DOUBLINGS, WAVE_FACTOR } from './witness/figures.ts'

/** The constants of the method, as reports carry them. */
export const METHOD: Method = {
  slope: 'theil-sen',
  interval: 'moving-block bootstrap of residuals, 95 %',
  resamples: BOOTSTRAP_RESAMPLES,
  floorOf: FLOOR_OF,
  window: 'last half of the run, from job 0',
  mdeStandardErrors: MDE_STANDARD_ERRORS,
  maxDoublings: MAX_DOUBLINGS,
  minGrowth: MIN_GROWTH,
  decay: DECAY,
  maxCohorts: MAX_COHORTS,
  confirmCuts: CONFIRM_CUTS,
  waveFactor: WAVE_FACTOR,
}
