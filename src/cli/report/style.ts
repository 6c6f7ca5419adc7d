/** The look of a report, on screen and on paper. */
export const STYLE = `
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; font: 16px/1.55 Georgia, "Times New Roman", serif; color: #1a1a1a; background: #fff; }
h1, h2, h3, nav, dl, table, figcaption, svg text, .quiet { font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #d0d0d0; }
h2 small { font-weight: 400; font-size: .8rem; color: #666; margin-left: .4rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { max-width: 44rem; margin: .5rem 0; }
a { color: #0b5cad; }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem 2rem; padding: 0 0 0 1.2rem; font-size: .9rem; }
code, pre { font-family: ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .85em; overflow-wrap: anywhere; }
pre { font-size: .8rem; line-height: 1.5; background: #f7f7f5; border: 1px solid #e3e3df; border-radius: 4px; padding: .9rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; font-size: .85rem; margin: .75rem 0 1rem; }
dt { color: #666; }
dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
figcaption, .quiet { font-size: .8rem; color: #555; }
img { max-width: 100%; height: auto; display: block; image-rendering: auto; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
.row figure { margin: 0; }
.row .picture { max-width: 16rem; }
.row .sheet { flex-basis: 100%; }
table { border-collapse: collapse; font-size: .82rem; margin: 1rem 0; }
caption { text-align: left; color: #555; padding-bottom: .3rem; }
th, td { padding: .22rem .8rem .22rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e3e3df; }
td:not(:first-child) { overflow-wrap: anywhere; }
th { border-bottom-color: #888; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.chart svg { width: 100%; max-width: 44rem; height: auto; }
.chart text { font-size: 11px; fill: #444; }
.chart .grid { stroke: #e3e3df; }
.unet svg { width: 21rem; max-width: 100%; height: auto; }
.unet rect { fill: #fff; stroke: #7a7a7a; }
.unet .idle { stroke: #cfcfcf; }
.unet text { font-size: 10px; fill: #333; }
.unet .value { font-weight: 600; }
.unet .weight { fill: #8fb8de; }
.unet .negative { fill: #e0a08a; }
.keyword { color: #7a2a8c; } .string { color: #96470c; } .number-literal, pre .number { color: #0b6b46; } .comment { color: #6a737d; } .doc { color: #4a6b4f; } .name { color: #1b4f8a; }
@media print {
    @page { margin: 18mm 16mm; }
    body { max-width: none; padding: 0; font-size: 10.5pt; }
    a { color: inherit; text-decoration: none; }
    nav { display: none; }
    h2 { break-after: avoid; }
    figure, table, dl { break-inside: avoid; }
    pre { background: none; }
    * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
