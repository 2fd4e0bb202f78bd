import { expect } from 'vitest'
import type { Fate } from '../src/fate.ts'
import { CAMPAIGNS } from '../src/fixtures.ts'
import { openEngine } from '../src/processes/engine.ts'
import type { Place } from '../src/processes/place.ts'
import type { Tables } from '../src/processes/providers.ts'
import type { Trace, TraceJob } from '../src/trace.ts'

/** The status of a delivery, by what its job was. */
const STATUS: Readonly<Partial<Record<Fate['kind'], string>>> = {
  send: 'sent',
  busy: 'sent',
  suppressed: 'suppressed',
  rejected: 'bounced',
}

/** Checks that the platform's tables hold what the jobs of a complete run leave there, each once. */
export async function checkTables(place: Place, trace: Trace): Promise<void> {
  const engine = await openEngine(place)
  try {
    const { database, office } = engine.tables as Tables
    const bounces = { hard: 0, soft: 0 }
    for (let index = 0; index < trace.jobs; index++) {
      const { kind } = trace.fateOf(index)
      const { id, data } = trace.at(index)
      if (kind === 'incoming') expect(await database.message(`<${id}@partner.example>`)).toBeDefined()
      if (STATUS[kind]) expect((await database.delivery(toMessageId(id, data)))?.status).toBe(STATUS[kind])
      if (kind === 'rejected') bounces.hard++
      if (kind === 'warm-up') expect(await office.warmUp(id)).toMatchObject(data as object)
      if (kind === 'analytics') {
        const { tenant, day } = data as { tenant: string; day: string }
        // What was sent on days gone by, whatever has come back of it since.
        expect(await office.figures(tenant, day)).toEqual(await office.aggregate(tenant, day))
      }
      if (kind === 'import') expect((await office.rejectedRows(id)).length).toBeGreaterThan(0)
      if (kind === 'bounce') bounces[(data as { type: 'hard' | 'soft' }).type]++
    }
    const counts = await Promise.all(CAMPAIGNS.map((campaign) => database.bounces(campaign.id)))
    expect({
      hard: counts.reduce((sum, { hard }) => sum + hard, 0),
      soft: counts.reduce((sum, { soft }) => sum + soft, 0),
    }).toEqual(bounces)
  } finally {
    await engine.close()
  }
}

function toMessageId(id: string, data: TraceJob['data']): string {
  const campaign = CAMPAIGNS.find((each) => each.id === (data as { campaign: string }).campaign)
  return `<${id}@${campaign?.fromAddress.split('@')[1]}>`
}
