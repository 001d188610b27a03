/**
 * The page's style. Kinds of result differ in colour, in lightness and in pattern; texts keep 4.5:1 and what is drawn 3:1
 * (WCAG 2.2, 1.4.3 and 1.4.11), light and dark.
 */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --edge: #7d8590;
  --shade: #f6f8fa; --succeeded: #0b63b0; --interrupted: #e3b341; --rim: #7a5200; --failed: #b93a0e; --focus: #0b63b0;
  --mark: #fff8c5; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --soft: #9da7b3; --line: #30363d;
  --edge: #7d8590; --shade: #161b22; --succeeded: #58a6ff; --interrupted: #f0d060; --rim: #f0d060; --failed: #ff8a5c;
  --focus: #79c0ff; --mark: #3b2e00; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere; }
header, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1.25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .5rem 0; max-width: 75ch; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: .5rem; top: .5rem; background: var(--paper); padding: .5rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
a { color: var(--succeeded); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
.note { border-left: .3rem solid var(--rim); background: var(--mark); padding: .5rem .9rem; margin: .75rem 0; max-width: 75ch; }
.note h2 { font-size: 1rem; margin: 0; border: 0; padding: 0; } .note ul { margin: .25rem 0; padding-left: 1.2rem; } .soft { color: var(--soft); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; margin: .75rem 0; list-style: none; }
.tiles li { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem 1rem; min-width: 8rem; }
.tiles strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.key { display: inline-block; width: 1rem; height: 1rem; vertical-align: -.15rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); gap: 0 2rem; align-items: start; }
.wide { grid-column: 1 / -1; }
.scroll { overflow-x: auto; } .chart { display: block; width: 100%; min-width: 44rem; height: auto; }
.chart text { fill: var(--soft); font-size: 13px; } .chart line { stroke: var(--line); }
.fill-succeeded { fill: var(--succeeded); }
.fill-interrupted { fill: var(--interrupted); stroke: var(--rim); stroke-width: 1; vector-effect: non-scaling-stroke; }
.fill-unknown { fill: var(--paper); stroke: var(--edge); stroke-width: 1; vector-effect: non-scaling-stroke; }
.fill-failed { fill: var(--failed); } .stripe { stroke: var(--paper); }
.none { position: absolute; width: 0; height: 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
th.count, td.count { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th { background: var(--shade); border-bottom: 1px solid var(--edge); } tbody th { font-weight: 400; }
.bar { display: block; width: 100%; height: .45rem; margin-top: .15rem; }
details { margin: .5rem 0; } summary { cursor: pointer; color: var(--soft); }
.controls { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; margin: .75rem 0; }
.controls[hidden], .pager[hidden] { display: none; }
.controls label { display: grid; gap: .15rem; font-size: .85rem; color: var(--soft); }
input, select, button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--edge);
  border-radius: .3rem; padding: .3rem .6rem; }
input { width: min(24rem, 80vw); } button { cursor: pointer; }
button[aria-disabled=true] { color: var(--soft); border-style: dashed; cursor: default; }
.rows th { padding: 0; } .rows th button { border: 0; background: none; width: 100%; text-align: left; font-weight: 600; white-space: nowrap; }
.rows th[aria-sort=ascending] button::after { content: " \\25b2"; content: " \\25b2" / ""; }
.rows th[aria-sort=descending] button::after { content: " \\25bc"; content: " \\25bc" / ""; }
.rows td { min-width: 4rem; max-width: 22rem; overflow-wrap: break-word; }
.rows .word { white-space: nowrap; } .rows .sentence { min-width: 14rem; }
.rows td { font-variant-numeric: tabular-nums; }
.rows tbody tr:nth-child(even) { background: var(--shade); } .rows tbody tr:hover { background: var(--mark); }
.rows tr.failed td:first-child { box-shadow: inset .3rem 0 var(--failed); }
.rows tr.interrupted td:first-child { box-shadow: inset .3rem 0 var(--rim); }
.rows tr.unknown td:first-child { box-shadow: inset .3rem 0 var(--edge); }
.pager { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; }
footer { color: var(--soft); font-size: .85rem; margin-top: 2rem; padding-bottom: 2rem; }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333; --line: #bbb; --edge: #777;
  --shade: #fff; --succeeded: #0b63b0; --interrupted: #e3b341; --rim: #7a5200; --failed: #b93a0e; --mark: #fff; }
  * { print-color-adjust: exact; } .controls, .pager, .skip, details:not([open]) { display: none; }
  .scroll { overflow: visible; } .chart { min-width: 0; } table { font-size: .72rem; }
  .rows td.word, .rows td.sentence, .rows th button { white-space: normal; min-width: 0; overflow-wrap: anywhere; } tr, svg { break-inside: avoid; }
  header, main, footer { max-width: none; padding: 0; } }
`;
