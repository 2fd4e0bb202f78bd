/** Upper bounds of the buckets of durations, in s, as the semantic conventions for messaging metrics have them. */
export const DURATION_BUCKETS: number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
