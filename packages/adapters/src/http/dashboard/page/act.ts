import { announce } from './announce.ts'
import { reasonOf } from './api.ts'

/** Does something for a button: once at a time, and says what came of it. Answers whether it was done. */
export async function act(button: HTMLButtonElement, work: () => Promise<string>): Promise<boolean> {
  if (button.getAttribute('aria-disabled') === 'true') return false
  // Not `disabled`, which would throw the focus away.
  button.setAttribute('aria-disabled', 'true')
  try {
    announce(await work())
    return true
  } catch (error) {
    announce(reasonOf(error), true)
    return false
  } finally {
    button.removeAttribute('aria-disabled')
  }
}
