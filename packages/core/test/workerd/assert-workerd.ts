import { expect } from 'vitest'

// Before every file: a run that fell back to Node would prove nothing.
expect(navigator.userAgent).toBe('Cloudflare-Workers')
