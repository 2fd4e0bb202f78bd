/** The page's style: one column on a phone, light or dark as the reader's system is. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #1c2024; --dim: #5f6873; --line: #dfe3e8; --shade: #f0f2f5;
  --red: #b3261e; --red-soft: #fdecea; --green: #1a6b3c; --green-soft: #e6f4ec; --yellow: #7a5200; --yellow-soft: #fdf3d8;
  --sample: #9aa5b1; --floor: #2458c5; --band: #2458c540; --budget: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --card: #1c2024; --ink: #e6e9ec; --dim: #9aa4af; --line: #333a42; --shade: #23282d;
    --red: #ff8a80; --red-soft: #43201e; --green: #7ed6a0; --green-soft: #183626; --yellow: #f2c661; --yellow-soft: #3d3117;
    --sample: #6b7682; --floor: #84acff; --band: #84acff4d; --budget: #ff8a80;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 1080px; margin: 0 auto; padding: 20px 16px 48px; }
h1 { font-size: 22px; line-height: 1.25; margin: 0 0 16px; }
h2 { font-size: 18px; line-height: 1.35; margin: 0 0 4px; }
h3 { font-size: 15px; margin: 24px 0 8px; }
p { margin: 8px 0; }
a { color: inherit; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin: 0 0 20px; }
.dim { color: var(--dim); }
.because { font-size: 15px; margin: 12px 0; }
.badge { display: inline-block; border-radius: 5px; padding: 1px 8px; font-size: 13px; font-weight: 600; white-space: nowrap; }
.bad { color: var(--red); background: var(--red-soft); }
.good { color: var(--green); background: var(--green-soft); }
.open { color: var(--yellow); background: var(--yellow-soft); }
.none { color: var(--dim); background: var(--shade); }
.notes { margin: 8px 0; padding-left: 20px; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { white-space: pre-wrap; background: var(--shade); border-radius: 6px; padding: 10px 12px; margin: 8px 0; }
.facts { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 12px 0 0; font-size: 13px; color: var(--dim); }
.facts div { display: flex; gap: 6px; }
.facts dt::after { content: ":"; }
.facts dd { margin: 0; color: var(--ink); }
.measures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 24px 28px; margin-top: 20px; }
.measure { min-width: 0; margin: 0; }
.measure h3 { display: flex; gap: 8px; align-items: center; margin: 0; }
.measure dl { margin: 4px 0 8px; }
.plot { position: relative; margin: 8px 0 24px 76px; height: 180px; font-size: 11px; color: var(--dim); font-variant-numeric: tabular-nums; }
.plot svg { display: block; width: 100%; height: 100%; overflow: visible; border-left: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.y span { position: absolute; right: calc(100% + 6px); transform: translateY(-50%); white-space: nowrap; }
.x span { position: absolute; top: 100%; transform: translateX(-50%); padding-top: 4px; white-space: nowrap; }
.x span:last-child { transform: translateX(-70%); }
.window { fill: var(--shade); }
.grid { stroke: var(--line); }
.plot .band { fill: var(--band); }
.samples { stroke: var(--sample); stroke-width: 3px; stroke-linecap: round; }
.rested { stroke: var(--green); stroke-width: 7px; stroke-linecap: round; }
.floor { stroke: var(--floor); stroke-width: 1.5px; stroke-linejoin: round; }
.slope { stroke: var(--floor); stroke-width: 2.5px; }
.budget { stroke: var(--budget); stroke-width: 1.5px; stroke-dasharray: 6 4; }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 12px; color: var(--dim); margin: 12px 0 0; padding: 0; list-style: none; }
.key svg { width: 22px; height: 10px; vertical-align: middle; margin-right: 5px; overflow: visible; }
.key path { fill: none; }
.key .band { fill: var(--band); }
.scroll { overflow-x: auto; margin: 8px 0; }
table { border-collapse: collapse; font-size: 13px; min-width: min(100%, 320px); font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--dim); }
.number { text-align: right; white-space: nowrap; }
details { border-bottom: 1px solid var(--line); padding: 8px 0; }
summary { cursor: pointer; }
summary b { font-weight: 600; }
.path { list-style: none; margin: 8px 0 4px; padding: 0; }
.path li { padding: 1px 0 1px 18px; border-left: 2px solid var(--line); }
.path li:last-child { border-left-color: var(--red); }
`
