import { Unrecoverable } from '@isobar/core'
import { expect, test } from 'vitest'
import { TEMPLATES } from './fixtures.ts'
import { createRenderer } from './renderer.ts'
import type { Template } from './resources.ts'

const template: Template = {
  id: 'hello',
  version: 1,
  subject: 'Hello {{ name }}',
  text: 'Dear {{ name }}{% if vip %}, our guest{% endif %}.',
  html: '<p>Dear {{ name }}</p>',
  attachments: [],
}

test('subject and both bodies are personalised; values are escaped in HTML only', async () => {
  expect(await createRenderer()(template, { name: 'Marek <b>', vip: true })).toEqual({
    subject: 'Hello Marek <b>',
    text: 'Dear Marek <b>, our guest.',
    html: '<p>Dear Marek &lt;b&gt;</p>',
  })
})

test('a value cannot start another header', async () => {
  const { subject } = await createRenderer()(template, { name: 'A\r\nBcc: b@example.org', vip: false })
  expect(subject).toBe('Hello A Bcc: b@example.org')
})

test('a missing value is given up, naming the template and not the values', async () => {
  const rendering = createRenderer()(template, { vip: true, secret: 'hunter2' })
  await expect(rendering).rejects.toThrow(Unrecoverable)
  await expect(rendering).rejects.toThrow(/template hello/)
  await expect(rendering).rejects.not.toThrow(/hunter2/)
})

test('a template is compiled anew when its version is raised, and only then', async () => {
  const render = createRenderer()
  const values = { name: 'Ada', vip: false }
  await render(template, values)
  expect((await render({ ...template, subject: 'Changed' }, values)).subject).toBe('Hello Ada')
  expect((await render({ ...template, version: 2, subject: 'Changed' }, values)).subject).toBe('Changed')
})

test('a template can reach nothing but its values', async () => {
  const render = createRenderer()
  const rendered = await render(
    { ...template, text: '{{ name.constructor }}{{ name.__proto__ }}' },
    { name: 'Ada', vip: false },
  ).catch((error) => error)
  expect(rendered).toBeInstanceOf(Unrecoverable)
})

test('a template that takes too much is stopped', async () => {
  const text = '{% for i in (1..10000000) %}{{ name }}{% endfor %}'
  await expect(createRenderer()({ ...template, text }, { name: 'Ada', vip: false })).rejects.toThrow(Unrecoverable)
})

test.each(TEMPLATES)('the template $id of the demo renders with the values of the trace', async (each) => {
  const values = {
    name: 'Ada',
    offer: '20 % off',
    until: '1 April',
    campaign: 'Spring',
    address: 'a@b.example',
    unsubscribeUrl: 'https://x.example/u',
  }
  const { subject, text, html } = await createRenderer()(each, values)
  expect(subject.length).toBeGreaterThan(5)
  expect(text).toContain('https://x.example/u')
  expect(html).toContain('href="https://x.example/u"')
})
