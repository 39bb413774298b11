--- The style of the coverage page: the system's fonts, light and dark, and paper.

return [[
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6474; --line: #d9dee6; --back: #f5f6f8; --card: #ffffff;
  --bad: #a4161a; --bad-back: #fbe9e9; --doubt: #7a5200; --doubt-back: #fdf3dc; --good: #1b6638; --good-back: #e8f4ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ef; --soft: #a3adbd; --line: #38404d; --back: #14181f;
  --card: #1d232c; --bad: #ff9a9a; --bad-back: #46191c; --doubt: #f2c66b; --doubt-back: #3f300f; --good: #8ed6a8;
  --good-back: #173524; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
.soft, caption, dt { color: var(--soft); }
.verdict { font-size: 1.15rem; font-weight: 600; padding: .8rem 1rem; margin: 1.25rem 0; border-left: .3rem solid;
  border-radius: .25rem; max-width: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem .9rem; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dt { font-size: .85rem; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding: .6rem .75rem; font-size: .85rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem; border-top: 1px solid var(--line);
  overflow-wrap: break-word; min-width: 6rem; max-width: 22rem; }
thead th { border-top: 0; font-weight: 600; color: var(--soft); white-space: nowrap; }
tbody th { font-weight: 600; }
tbody th { min-width: 9rem; }
.matrix tbody th, .matrix td { padding-top: .15rem; padding-bottom: .15rem; }
.matrix td { min-width: 0; white-space: nowrap; }
.mark { display: inline-block; padding: 0 .45rem; border-radius: .25rem; font-size: .85rem; white-space: nowrap; }
.uncovered { color: var(--bad); background: var(--bad-back); font-weight: 600; }
.unclear, .partly { color: var(--doubt); background: var(--doubt-back); }
.covered { color: var(--good); background: var(--good-back); }
td .covered { background: none; padding: 0; font-size: inherit; }
@media (max-width: 40rem) { main { padding: 1rem .75rem 2rem; } th, td { padding: .35rem .5rem; } }
@page { margin: 14mm; }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --back: #fff; --card: #fff;
  --bad: #8a1014; --bad-back: #fff; --doubt: #5f4000; --doubt-back: #fff; --good: #14502b; --good-back: #fff; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; } .scroll { overflow: visible; border: 0; }
  .mark:not(.covered) { border: 1px solid; } tr, .tiles div { break-inside: avoid; } h2 { break-after: avoid; }
  thead { display: table-header-group; } }
]]
