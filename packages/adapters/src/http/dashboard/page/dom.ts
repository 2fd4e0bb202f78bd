/** The element of the page with an id. Throws where there is none: the page and its script do not fit. */
export function need<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no element #${id}`)
  return element as T
}

/** Shows or hides a section, and the link that leads to it. */
export function showSection(id: string, shown: boolean): void {
  need(id).hidden = !shown
  const link = document.querySelector<HTMLElement>(`nav a[href="#${id}"]`)
  if (link) link.hidden = !shown
}

/** A new element with a class and a text. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  text = '',
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  if (text !== '') element.textContent = text
  return element
}

/** Writes a text where it differs: what does not change is not touched, so that it stays selected and is not read again. */
export function setText(element: Node, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A button that does something. */
export function makeButton(
  text: string,
  onClick: (button: HTMLButtonElement) => void,
  className = '',
): HTMLButtonElement {
  const button = make('button', className, text)
  button.type = 'button'
  button.addEventListener('click', () => onClick(button))
  return button
}
