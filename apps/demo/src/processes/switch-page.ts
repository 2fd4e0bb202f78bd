import type { Switches } from './switches.ts'

/** What the page says of a switch. */
interface About {
  readonly title: string
  /** What it does, and what to look for. */
  readonly text: string
}

const ABOUT: Readonly<Record<keyof Switches, About>> = {
  leak: {
    title: 'Sending leaks',
    text: `Each <code>email.send</code> keeps 384 KB in a variable of a module. Within a minute the dashboard’s first
      picture names the job type; isolates are replaced when they near their limit, and no job is lost.`,
  },
  outage: {
    title: 'Customers’ servers are down',
    text: `Each <code>webhook.deliver</code> is answered 503, is tried again, and becomes a dead letter. End the outage and
      redrive them in the dashboard: they are done.`,
  },
}

const STYLE = `
  :root { color-scheme: light dark; --page: #f4f5f7; --card: #fff; --ink: #1c2024; --dim: #5c6570; --line: #dde1e6;
    --blue: #2458c5; --on: #b3261e; --button: #fff }
  @media (prefers-color-scheme: dark) { :root { --page: #14171a; --card: #1b1f23; --ink: #e6e9ec; --dim: #9aa4af;
    --line: #333a42; --blue: #84acff; --on: #ff8a80; --button: #14171a } }
  body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1rem; background: var(--page); color: var(--ink);
    font: 16px/1.5 system-ui, sans-serif }
  h1 { font-size: 1.25rem; margin: 0 0 1rem } h2 { font-size: 1rem; margin: 0 }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 0 0 1rem }
  p { margin: .5rem 0 .75rem; color: var(--dim) } a { color: var(--blue) }
  code { font-size: .875em } strong { color: var(--on) }
  button { font: inherit; padding: .375rem 1rem; min-height: 2.5rem; border: 0; border-radius: 6px; cursor: pointer;
    background: var(--blue); color: var(--button) }
  :focus-visible { outline: 2px solid var(--blue); outline-offset: 2px }`

/** The page with a button for each switch. Nothing of it comes from elsewhere. */
export function toSwitchPage(switches: Switches): string {
  const sections = Object.entries(ABOUT).map(([name, about]) =>
    toSection(name, about, switches[name as keyof Switches].isOn),
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>isobar demo: what can go wrong</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>What can go wrong</h1>
${sections.join('\n')}
<p><a href="/">The dashboard</a></p>
</main>
</body>
</html>
`
}

function toSection(name: string, { title, text }: About, isOn: boolean): string {
  return `<section aria-labelledby="${name}">
<h2 id="${name}">${title}: ${isOn ? '<strong>on</strong>' : 'off'}</h2>
<p>${text}</p>
<form method="post" action="/switches/${name}">
<button name="isOn" value="${!isOn}" aria-describedby="${name}">Switch ${isOn ? 'off' : 'on'}</button>
</form>
</section>`
}
