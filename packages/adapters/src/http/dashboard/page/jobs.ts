import type { HealthAnswer, JobAnswer } from '../answers.ts'
import { act } from './act.ts'
import { announce } from './announce.ts'
import { get, post, reasonOf } from './api.ts'
import { makeButton, need, setText, showSection } from './dom.ts'
import { formatCount, formatMoment } from './format.ts'
import { showFacts } from './header.ts'
import { readable, readableValue } from './payload.ts'

type Job = JobAnswer['job']

/** One job, found by its id. It is looked at again while it has not ended. */
export class Jobs {
  readonly #input = need<HTMLInputElement>('job-id')
  readonly #cancel: HTMLButtonElement
  #mayWrite = false
  #job: Job | undefined

  constructor() {
    this.#cancel = makeButton(
      'Cancel this job',
      (button) =>
        act(button, async () => {
          const id = this.#job?.id ?? ''
          await post(`api/jobs/${encodeURIComponent(id)}/cancel`)
          await this.#load(id)
          return `The job ${id} is canceled.`
        }),
      'danger',
    )
    need('job-actions').append(this.#cancel)
    need('job-form').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#find(this.#input.value.trim())
    })
  }

  allow({ may, can }: HealthAnswer): void {
    showSection('job-section', can.lookup)
    this.#mayWrite = may.write
    this.#show()
  }

  /** Shows a job, and goes there. */
  open(id: string): void {
    this.#input.value = id
    need('job-section').scrollIntoView({ block: 'start' })
    this.#input.focus({ preventScroll: true })
    this.#find(id)
  }

  /** Looks again at a job that has not ended. */
  async refresh(): Promise<void> {
    if (this.#job && (this.#job.state === 'queued' || this.#job.state === 'running')) await this.#load(this.#job.id)
  }

  async #find(id: string): Promise<void> {
    if (id === '') return
    try {
      await this.#load(id)
      if (this.#job) announce(`The job ${id} is ${this.#job.state}.`)
    } catch (error) {
      this.#job = undefined
      this.#show()
      announce(reasonOf(error), true)
    }
  }

  async #load(id: string): Promise<void> {
    const { job } = await get<JobAnswer>(`api/jobs/${encodeURIComponent(id)}`)
    this.#job = job
    this.#show()
  }

  #show(): void {
    const job = this.#job
    need('job').hidden = !job
    if (!job) return
    setText(need('job-name'), job.name)
    setText(need('job-state'), job.state)
    const look = { done: 'good', dead: 'bad', running: 'open' }[job.state as string] ?? 'none'
    need('job-state').className = `badge ${look}`
    showFacts(need('job-facts'), [
      ['Id', job.id],
      ['Queue', job.queue],
      ['Priority', job.priority],
      ['Attempt', formatCount(job.attempt)],
      ['Crashes', formatCount(job.crashes)],
      ['Enqueued', formatMoment(job.enqueuedAt)],
      ['Due', formatMoment(job.dueAt)],
      ['Ended', formatMoment(job.endedAt)],
      ...(job.workerId === undefined ? [] : [['Worker', job.workerId] as const]),
      ...(job.reason === undefined ? [] : [['Reason', job.reason] as const]),
    ])
    showText('job-progress', readableValue(job.progress))
    showText('job-result', readableValue(job.result))
    const { error } = job
    showText('job-error', error && readable(error.stack ?? `${error.name}: ${error.message}`))
    this.#cancel.hidden = !this.#mayWrite || (job.state !== 'queued' && job.state !== 'running')
  }
}

/** A text with its heading, hidden where there is none. */
function showText(id: string, text: string | undefined): void {
  need(id).hidden = text === undefined
  const place = need(id).querySelector('pre')
  if (place) setText(place, text ?? '')
}
