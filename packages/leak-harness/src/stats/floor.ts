import type { Point } from './theil-sen.ts'

/** Samples of which the lowest stands for all. */
export const FLOOR_OF = 3

/**
 * The floor of a curve: of each `FLOOR_OF` neighbours the lowest value, at the middle of the group. What a collection
 * has not reached yet can only lift a reading, never lower it, so the floor is what is really held.
 * A last group that is not full is dropped: the minimum of fewer readings stands higher.
 */
export function toFloor(points: readonly Point[]): Point[] {
  const floor: Point[] = []
  for (let at = 0; at + FLOOR_OF <= points.length; at += FLOOR_OF) {
    const group = points.slice(at, at + FLOOR_OF)
    floor.push({ x: group.reduce((sum, p) => sum + p.x, 0) / FLOOR_OF, y: Math.min(...group.map((p) => p.y)) })
  }
  return floor
}
