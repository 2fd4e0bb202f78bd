/** The oldest Node that isobar runs on: `engines` of the package. */
export const MIN_NODE = '22.18'

/** What is wrong with a version of Node; undefined when it is new enough. */
export function problemWithNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [minMajor = 0, minMinor = 0] = MIN_NODE.split('.').map(Number)
  if (major > minMajor || (major === minMajor && minor >= minMinor)) return undefined
  return `NODE_VERSION: isobar needs Node ${MIN_NODE} or newer, and this is ${version}; install a newer one`
}
