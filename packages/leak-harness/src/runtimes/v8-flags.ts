/**
 * Switches off what makes the engine's own memory move: compiled code, feedback and the deciding of either. Clean
 * handlers then drift by 0.00 to 0.08 bytes a job, where the JIT makes it 4 to 6.
 */
export const EXACT_FLAGS: readonly string[] = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-lazy-feedback-allocation',
]

/** A young generation of fixed size keeps RSS still, which goes up in steps of megabytes while that grows. */
export const YOUNG_FLAGS: readonly string[] = ['--min-semi-space-size=4', '--max-semi-space-size=4']
