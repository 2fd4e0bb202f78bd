import { check, equal } from '../assert.ts'
import { type CaseContext, type CaseSpec, dataOf } from './context.ts'

/** Nesting that job data may have. */
const DEPTH = 1_000

/** Most bytes that a case sends, for brokers that take more. */
const BIG_BYTES = 8_000_000

/** Sends JSON text and checks that the same value arrives. Texts, since some values only exist as such (`__proto__`). */
async function checkRoundTrip(t: CaseContext, text: string): Promise<void> {
  await t.sendOne({ text })
  const delivery = await t.receiveOne()
  equal(dataOf(delivery.job.payload), JSON.parse(text), 'data')
  await t.settled(delivery, { kind: 'ack' })
}

const roundTrip = (name: string, ...texts: readonly string[]): CaseSpec => ({
  name,
  async run(t) {
    for (const text of texts) await checkRoundTrip(t, text)
  },
})

/** What job data survives: all that is JSON. */
export const dataCases: readonly CaseSpec[] = [
  roundTrip('scalars', 'null', 'true', 'false', '0', '-1', '1.5', '""', '"text"'),
  roundTrip(
    'extreme numbers',
    '9007199254740991',
    '-9007199254740991',
    '1e308',
    '5e-324',
    '0.1',
    '1e21',
    '123456789.123456789',
  ),
  roundTrip('empty and mixed shapes', '[]', '{}', '[[],{},[{}]]', '{"a":[1,"b",null,{"c":false}],"":0}'),
  roundTrip('white space between tokens', ' { "a" : [ 1 ,\n\t2 ] } '),
  roundTrip('unicode', JSON.stringify({ 'ключ 🔑': 'naïve 漢字 👩‍👩‍👧 \u202e\ufeff\u2028', '\u00e9': 'e\u0301' })),
  roundTrip(
    'quotes, backslashes and control characters',
    JSON.stringify({ 'a"b\\c': '\b\f\n\r\t\v\x1b\x7f \' " \\ \\u0041 $1 %s {x}' }),
  ),
  roundTrip('NUL characters in values and keys', JSON.stringify({ 'a\u0000b': '\u0000', list: ['x\u0000'] })),
  roundTrip('halves of surrogate pairs, as JSON escapes them', JSON.stringify(['\ud83d', '\udc00x', { '\ud800': 1 }])),
  roundTrip(
    'keys that objects have by nature',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":null,"hasOwnProperty":0}',
  ),
  roundTrip('nesting 1,000 deep', `${'[{"a":'.repeat(DEPTH / 2)}1${'}]'.repeat(DEPTH / 2)}`),
  roundTrip('many keys', JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`key ${n}`, n])))),
  {
    name: 'data of the largest size arrives whole',
    async run(t) {
      const size = Math.min(t.broker.can.maxBytes, BIG_BYTES)
      await checkRoundTrip(t, `"${'0123456789'.repeat(Math.ceil(size / 10)).slice(0, size - 2)}"`)
    },
  },
  {
    name: 'a handler that changes its data does not change the job',
    async run(t) {
      await t.sendOne({ data: { list: [1, 2] } })
      const first = await t.receiveOne()
      const data = dataOf(first.job.payload) as { list: number[] }
      data.list.push(3)
      await t.settled(first, { kind: 'release' })
      const second = await t.receiveOne()
      check(second.job.id === first.job.id, 'another job came back')
      equal(dataOf(second.job.payload), { list: [1, 2] }, 'data the second time')
    },
  },
]
