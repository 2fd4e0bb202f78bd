import { need, setText } from './dom.ts'

/**
 * Asks before what cannot be undone. The dialog holds the focus while it is open, and gives it back; Escape is no. One
 * question at a time.
 */
export function confirm(question: string, action: string): Promise<boolean> {
  const dialog = need<HTMLDialogElement>('confirm')
  if (dialog.open) return Promise.resolve(false)
  setText(need('confirm-question'), question)
  setText(need('confirm-yes'), action)
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}
