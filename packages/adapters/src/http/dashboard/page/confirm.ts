import { need, setText } from './dom.ts'

/** The question before, until its dialog has closed: a browser says so later than it gives the keyboard back. */
let before: Promise<unknown> = Promise.resolve()

/**
 * Asks before what cannot be undone. The dialog holds the focus while it is open, and gives it back; Escape is no. One
 * question at a time.
 */
export function confirm(question: string, action: string): Promise<boolean> {
  const answer = before.then(() => ask(question, action))
  before = answer
  return answer
}

function ask(question: string, action: string): Promise<boolean> {
  const dialog = need<HTMLDialogElement>('confirm')
  setText(need('confirm-question'), question)
  setText(need('confirm-yes'), action)
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}
