import { expect, test } from 'vitest'
import { archivedMessageId } from '../src/fixtures.ts'
import type { Contact, WarmUpRecord } from '../src/office.ts'
import { WARM_UP_PLANS } from '../src/office-fixtures.ts'
import type { Tables } from '../src/processes/providers.ts'

/** What every implementation of the platform's tables besides mail does. */
export function officeCases({ database, office }: Tables): void {
  test('plans of the trace are there', async () => {
    expect(await office.warmUpPlan('acme', 'desk-3')).toEqual(WARM_UP_PLANS[3])
    expect(await office.warmUpPlan('globex', 'desk-3')).toBeUndefined()
  })

  test('a step is recorded once a job', async () => {
    const record: WarmUpRecord = {
      tenant: 'acme',
      account: 'desk-3',
      type: 'inbound',
      step: 1,
      job: 'w1',
      at: 1_930_000_000_123,
    }
    await office.saveWarmUp(record)
    await office.saveWarmUp({ ...record, step: 2 })
    expect(await office.warmUp('w1')).toEqual(record)
    expect(await office.warmUp('w2')).toBeUndefined()
  })

  test('a day counts its tenant’s deliveries, bounces and opens, from its first ms to its last', async () => {
    const day = '2033-06-15'
    const from = Date.parse(`${day}T00:00:00Z`)
    const to = from + 86_400_000
    const save = (id: string, at: number, status: 'sent' | 'suppressed' | 'rejected', campaign = 'spring') =>
      database.saveDelivery({
        messageId: `<${id}>`,
        campaign,
        recipient: 'r',
        address: `${id}@recipient.example`,
        status,
        at,
      })
    await Promise.all([
      save('f1', from, 'sent'),
      save('f2', to - 1, 'sent', 'renewal'),
      save('f3', from - 1, 'sent'),
      save('f4', to, 'sent'),
      save('f5', from, 'sent', 'welcome'),
      save('f6', from, 'suppressed'),
      save('f7', from, 'rejected'),
    ])
    // One that was sent on another day comes back on this one; one of this day comes back later.
    await database.recordBounce({ messageId: '<f3>', type: 'hard', reason: 'r', at: from, job: 'fb1' })
    await database.recordBounce({ messageId: '<f4>', type: 'soft', reason: 'r', at: to - 1, job: 'fb2' })
    await database.recordBounce({ messageId: '<f1>', type: 'soft', reason: 'r', at: to, job: 'fb3' })
    await database.recordBounce({ messageId: '<f5>', type: 'soft', reason: 'r', at: from, job: 'fb4' })
    for (const [id, at] of [
      ['<f3>', from],
      ['<f3>', to],
      ['<f1>', to],
      ['<f5>', from],
      ['<nobody>', from],
    ] as const)
      await office.saveOpen(id, at)

    const figures = {
      tenant: 'acme',
      day,
      sent: 2,
      suppressed: 1,
      rejected: 1,
      hardBounces: 1,
      softBounces: 1,
      opens: 1,
    }
    expect(await office.figures('acme', day)).toBeUndefined()
    expect(await office.aggregate('acme', day)).toEqual(figures)
    expect(await office.aggregate('acme', day)).toEqual(figures)
    expect(await office.figures('acme', day)).toEqual(figures)
    expect(await office.aggregate('globex', day)).toEqual({
      ...{ tenant: 'globex', day, sent: 1, suppressed: 0, rejected: 0, hardBounces: 0, softBounces: 1, opens: 1 },
    })
    await save('f8', from, 'sent')
    expect(await office.aggregate('acme', day)).toEqual({ ...figures, sent: 3 })
    expect(await office.figures('acme', day)).toEqual({ ...figures, sent: 3 })
  })

  test('a message is opened the first time', async () => {
    const at = Date.parse('2034-01-01T12:00:00Z')
    for (const each of [at, at + 86_400_000]) await office.saveOpen(archivedMessageId(4), each)
    expect(await office.aggregate('acme', '2034-01-01')).toMatchObject({ opens: 1 })
    expect(await office.aggregate('acme', '2034-01-02')).toMatchObject({ opens: 0 })
  })

  test('contacts are kept by address, each as it came last', async () => {
    const zoe: Contact = { address: 'zoe@example.org', name: 'Zoë "O\'Neil"; 山田', locale: 'de' }
    const many = Array.from({ length: 100 }, (_, at) => ({ ...zoe, address: `c${at}@example.org` }))
    await office.saveContacts('acme', [zoe, ...many])
    await office.saveContacts('acme', [{ ...zoe, name: 'Zoë' }])
    await office.saveContacts('globex', [{ ...zoe, locale: 'en' }])
    expect(await office.contact('acme', zoe.address)).toEqual({ ...zoe, name: 'Zoë' })
    expect(await office.contact('globex', zoe.address)).toEqual({ ...zoe, locale: 'en' })
    expect(await office.contact('acme', 'c99@example.org')).toEqual(many[99])
    expect(await office.contact('acme', 'none@example.org')).toBeUndefined()
  })

  test('refused rows are kept by job and line, in their order', async () => {
    const rows = [10, 9].map((line) => ({ line, row: `"row" ${line}, 'x'`, reason: 'email: no' }))
    await office.saveRejectedRows('i1', rows)
    await office.saveRejectedRows('i1', rows)
    await office.saveRejectedRows('i2', rows.slice(0, 1))
    expect(await office.rejectedRows('i1')).toEqual([...rows].reverse())
    expect(await office.rejectedRows('i2')).toHaveLength(1)
    expect(await office.rejectedRows('i3')).toEqual([])
  })
}
