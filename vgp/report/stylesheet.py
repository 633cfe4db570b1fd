"""How the page looks: by day, by night, on a phone and on paper."""

STYLE = """\
:root { color-scheme: light dark;
  --paper: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --mark: #fff4d6; --code: #f3f5f7; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181c; --ink: #e6e9ec; --soft: #9aa4ae; --line: #3a424b; --mark: #3a3017; --code: #1f242a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { margin: .5rem 0; }
.soft, figcaption, .missing { color: var(--soft); font-size: .9rem; }
.missing { border-left: 3px solid var(--line); padding-left: .7rem; }
.equation { overflow-x: auto; overflow-y: hidden; padding: .8rem 0; font-size: 1.25rem; }
math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", math; }
math[display="block"] { display: block math; width: max-content; text-align: left; margin: 0; }
td.formula { width: 100%; max-width: 0; }
figure { margin: 1rem 0; break-inside: avoid; }
figure svg { max-width: 100%; height: auto; }
figure svg * { stroke-linejoin: round; stroke-linecap: butt; }
.pair { display: flex; flex-wrap: wrap; gap: 1rem; }
.pair figure { flex: 1 1 22rem; margin: .5rem 0; }
.wide { overflow-x: auto; overflow-y: hidden; padding-bottom: .2rem; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.name, code { overflow-wrap: anywhere; }
tr.chosen { background: var(--mark); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
code, pre { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .85rem; }
pre { background: var(--code); padding: .7rem .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
details summary { cursor: pointer; color: var(--soft); font-size: .85rem; }
@media print {
  :root { color-scheme: light;
    --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --mark: #fff4d6; --code: #f3f3f3; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; }
  .wide, .equation { overflow: visible; }
}
"""
