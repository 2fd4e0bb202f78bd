/**
 * What residuals have to be multiplied by so that, for independent noise, slopes of resampled blocks spread as far as
 * slopes of fresh readings would. Two things make them spread less: a fitted line takes the slow part of the noise
 * with it, and blocks of what is left hardly have any. For 28 points in blocks of 5 that is a third of the spread,
 * which would make an interval that says 95 % cover 81 %.
 *
 * The factor is exact for the least-squares slope, whose variance under independent noise is known (`1 / Sxx` each
 * unit of noise); the Theil–Sen slope follows it closely.
 */
export function blockCorrection(xs: readonly number[], block: number): number {
  const count = xs.length
  const middle = xs.reduce((sum, x) => sum + x, 0) / count
  const centred = xs.map((x) => x - middle)
  const sxx = dot(centred, centred)
  const starts = count - block + 1
  // The variance of a weighted sum of residuals: noise of variance 1, less what the fitted line took.
  const variance = (weights: readonly number[]): number =>
    dot(weights, weights) - weights.reduce((sum, w) => sum + w, 0) ** 2 / count - dot(weights, centred) ** 2 / sxx

  let resampled = 0
  for (let at = 0; at < count; at += block) {
    const weights = centred.slice(at, at + block).map((x) => x / sxx)
    const mean = new Array<number>(count).fill(0)
    for (let start = 0; start < starts; start++) {
      const placed = new Array<number>(count).fill(0)
      for (const [k, weight] of weights.entries()) {
        placed[start + k] = weight
        mean[start + k] = (mean[start + k] as number) + weight / starts
      }
      resampled += variance(placed) / starts
    }
    resampled -= variance(mean)
  }
  return Math.sqrt(1 / sxx / resampled)
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
}
