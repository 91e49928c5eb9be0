// How the API reference looks, by day and by night.

export const style = `
:root { --ink: #1b2130; --soft: #5b6475; --paper: #fff; --side: #f5f6f9; --line: #e2e5ec; --link: #2456d6;
  --get: #1668dc; --post: #1a7f4b; --patch: #a15c00; --delete: #c22f2f }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8f1; --soft: #98a2b6; --paper: #12151d; --side: #181c26; --line: #2b3140; --link: #86a9ff;
    --get: #6ea8ff; --post: #5fd39a; --patch: #f0b35a; --delete: #ff8a80 }
}
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 1rem }
body { margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr); color: var(--ink); background: var(--paper);
  font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif }
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
code, pre, nav a { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem 1rem 3rem; background: var(--side); border-right: 1px solid var(--line) }
nav .home { display: block; margin-bottom: 1rem; font: 600 17px system-ui, sans-serif; color: var(--ink) }
nav summary { margin-top: .6rem; color: var(--soft); font-size: 12px; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; cursor: pointer }
nav details a { display: block; padding: .15rem 0; color: var(--ink); white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav b { display: inline-block; width: 3.6rem; font-size: 11px }
main { max-width: 60rem; padding: 2rem 2.5rem 6rem }
h1 { margin: 0 0 .5rem; font-size: 30px; letter-spacing: -.02em }
h2 { margin: 3rem 0 1rem; padding-bottom: .4rem; border-bottom: 1px solid var(--line); font-size: 22px; text-transform: capitalize }
h3 { margin: .6rem 0 0; font-size: 16px; font-weight: 600 }
h4 { margin: 1.1rem 0 .3rem; color: var(--soft); font-size: 12px; letter-spacing: .05em; text-transform: uppercase }
h4 small { text-transform: none; letter-spacing: 0; font-weight: 400 }
small { color: var(--soft) }
.lead { max-width: 44rem; color: var(--soft) }
article { margin: 0 0 1rem; padding: 1.1rem 1.3rem; border: 1px solid var(--line); border-radius: 10px }
article:target { border-color: var(--link) }
header code { font-size: 14px; font-weight: 600; overflow-wrap: anywhere }
header i { margin-left: .5rem; padding: .05rem .5rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--soft); font-size: 12px; font-style: normal }
b.get { color: var(--get) } b.post { color: var(--post) } b.patch, b.put { color: var(--patch) } b.delete { color: var(--delete) }
nav b, header b { text-transform: uppercase }
header b { margin-right: .4rem; font-size: 13px }
table { width: 100%; border-collapse: collapse }
td { padding: .3rem .8rem .3rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
tr:first-child td { border-top: 0 }
td:nth-child(1) { width: 36% } td:nth-child(2), td:nth-child(3) { color: var(--soft); font-size: 13px }
sup { margin-left: .35rem; color: var(--delete); font-size: 10px }
pre { max-height: 22rem; margin: .5rem 0 0; padding: .8rem 1rem; overflow: auto; background: var(--side); border-radius: 8px }
.answer { margin: .25rem 0 } .answer summary { cursor: pointer }
.s2 { color: var(--post) } .s3 { color: var(--get) } .s4 { color: var(--patch) } .s5 { color: var(--delete) }
@media (max-width: 800px) { body { display: block } nav { position: static; height: auto; max-height: 40vh; border: 0 } main { padding: 1.5rem 1rem } }
`
