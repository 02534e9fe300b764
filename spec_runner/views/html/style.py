"""How the page looks: light and dark by what the reader's system says, on a phone and on paper."""

from __future__ import annotations

_GROUPS = ("failed", "passed", "held", "idle", "none")


def _hiding() -> str:
    """What hides all that the chosen filter leaves out, and the headings that nothing is left under."""
    rules = []
    for group in _GROUPS:
        chosen = f"body:has(#show-{group}:checked)"
        rules.append(f"{chosen} .case:not(.{group}),{chosen} .phase:not(:has(.case.{group})),"
                     f"{chosen} .document:not(:has(.case.{group})){{display:none}}")  # fmt: skip
    return "\n".join(rules)


STYLE = """
:root{color-scheme:light dark;
--page:#f5f6f8;--panel:#fff;--sunk:#f3f5f8;--line:#dde2ea;--text:#1a212c;--soft:#566173;--link:#1f54b8;
--passed:#0d6b3a;--passed-back:#e2f4e9;--passed-fill:#2f9e63;
--failed:#b01f1a;--failed-back:#fde9e7;--failed-fill:#d8443c;
--held:#7c4a00;--held-back:#fcefd4;--held-fill:#d99a25;
--idle:#4a5467;--idle-back:#e9edf2;--idle-fill:#a3adbd;
--none:#566173;--none-back:transparent;--none-fill:#d3d9e2;
--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
@media (prefers-color-scheme:dark){:root{
--page:#0e1217;--panel:#161b22;--sunk:#10151b;--line:#2b333f;--text:#e4e8ee;--soft:#9ba7b8;--link:#8fb8ff;
--passed:#7fdca6;--passed-back:#12301f;--passed-fill:#2f9e63;
--failed:#ffa198;--failed-back:#3d1815;--failed-fill:#e0564e;
--held:#f1c872;--held-back:#35270b;--held-fill:#c98a1b;
--idle:#b6c0cf;--idle-back:#262e39;--idle-fill:#657084;
--none:#9ba7b8;--none-back:transparent;--none-fill:#37414f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:4.5rem}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.55 var(--sans);overflow-wrap:anywhere}
h1,h2,h3,h4,p,ol,ul,dl,dd,fieldset{margin:0;padding:0}
ol,ul{list-style:none}
code,pre,.name,.marks,.time{font-family:var(--mono);font-size:.867em}
code{background:var(--sunk);border:1px solid var(--line);border-radius:4px;padding:.05em .3em;
-webkit-box-decoration-break:clone;box-decoration-break:clone}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.wide,main,footer{max-width:66rem;margin:0 auto;padding:0 1.5rem}
.skip{position:absolute;left:-99rem;top:.5rem;background:var(--panel);padding:.4rem .8rem;z-index:3}
.skip:focus{left:.5rem}

.top{background:var(--panel);border-top:4px solid var(--tone);padding:1.75rem 0 1.5rem}
.top.passed{--tone:var(--passed-fill)}.top.failed{--tone:var(--failed-fill)}
.top.held{--tone:var(--held-fill)}.top.none{--tone:var(--idle-fill)}
.brand{font-weight:650;letter-spacing:-.01em;color:var(--text)}
.brand span{color:var(--soft);font-weight:400;margin-left:.35rem}
h1{font-size:1.85rem;line-height:1.2;letter-spacing:-.022em;font-weight:680;display:flex;gap:.7rem;align-items:center;
margin-top:1.1rem}
.seal{flex:none;width:1.45em;height:1.45em;border-radius:50%;display:grid;place-items:center;font-size:.72em;
background:var(--seal-back);color:var(--seal)}
.passed .seal{--seal:var(--passed);--seal-back:var(--passed-back)}
.failed .seal{--seal:var(--failed);--seal-back:var(--failed-back)}
.held .seal{--seal:var(--held);--seal-back:var(--held-back)}
.none .seal{--seal:var(--idle);--seal-back:var(--idle-back)}
.of{color:var(--soft);margin-top:.3rem;font-family:var(--mono);font-size:.9rem}
.tally{display:flex;gap:2px;height:10px;margin-top:1.35rem;border-radius:5px;overflow:hidden}
.tally i{min-width:4px}
.counts{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin-top:.7rem;font-size:.93rem}
.counts i,.filters i{display:inline-block;width:.62em;height:.62em;border-radius:50%;margin-right:.45em}
.counts b{font-variant-numeric:tabular-nums}
i.passed{background:var(--passed-fill)}i.failed{background:var(--failed-fill)}i.held{background:var(--held-fill)}
i.idle{background:var(--idle-fill)}i.none{background:var(--none-fill)}
.counts .unproven{color:var(--held)}
.facts{display:flex;flex-wrap:wrap;gap:.9rem 2.2rem;margin-top:1.4rem;padding-top:1.1rem;
border-top:1px solid var(--line)}
dt{font-size:.78rem;color:var(--soft);letter-spacing:.01em}
dd{font-size:.93rem;font-variant-numeric:tabular-nums}

.filters{position:sticky;top:0;z-index:2;border:0;border-bottom:1px solid var(--line);border-top:1px solid var(--line);
background:var(--panel)}
.filters legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.filters .wide{display:flex;gap:.25rem;overflow-x:auto;padding-top:.5rem;padding-bottom:.5rem}
.filters label{position:relative;display:inline-flex;align-items:center;padding:.22rem .75rem;border-radius:99px;
font-size:.9rem;cursor:pointer;white-space:nowrap;color:var(--soft);border:1px solid transparent}
.filters input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.filters label:hover{background:var(--sunk)}
.filters label:has(:checked){background:var(--sunk);color:var(--text);border-color:var(--line);font-weight:600}
.filters label:has(:focus-visible){outline:2px solid var(--link);outline-offset:1px}
.filters label:has(:disabled){opacity:.45;cursor:default;background:none}

main{padding-top:1.5rem;padding-bottom:2rem}
.notes{background:var(--held-back);color:var(--held);border-radius:8px;padding:.7rem 1rem;margin-bottom:1.25rem}
.lost{background:var(--failed-back);color:var(--failed);border-radius:8px;padding:.7rem 1rem;margin:.75rem 0}
.spec+.spec{margin-top:2.75rem}
h2{font-size:1.2rem;letter-spacing:-.012em;font-weight:650}
main .spec:only-of-type>h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
h3{font-size:1.05rem;font-weight:650;margin:1.75rem 0 .6rem}
h3 small,summary small{font-weight:400;color:var(--soft);font-size:.85em;margin-left:.4em}
.phase{background:var(--panel);border:1px solid var(--line);border-radius:10px;overflow:clip;margin-bottom:.9rem}
h4{font-size:.9rem;font-weight:600;color:var(--soft);padding:.5rem 1rem;background:var(--sunk);
border-bottom:1px solid var(--line)}
h4:last-child{border-bottom:0}
.case+.case{border-top:1px solid var(--line)}
.case:target{box-shadow:inset 3px 0 var(--link)}
.row{display:grid;grid-template-columns:1.1rem 4.6rem 5.6rem minmax(0,1fr) auto;gap:0 .6rem;align-items:baseline;
padding:.62rem 1rem}
.row::before{content:"";}
summary{cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary.row:hover{background:var(--sunk)}
summary.row::before,.output>summary::before,.timeline>summary::before{content:"";width:.42em;height:.42em;
border:solid var(--soft);border-width:0 1.5px 1.5px 0;transform:rotate(-45deg);display:inline-block;align-self:center;
justify-self:center}
summary.row::before{align-self:start;margin-top:.5rem}
details[open]>summary.row::before,details[open].output>summary::before,
details[open].timeline>summary::before{transform:rotate(45deg)}
.row:focus-visible{outline-offset:-2px}
.name{font-weight:600;white-space:nowrap}
.case.none .title,.case.idle .title{color:var(--soft)}
.marks{white-space:pre}
.marks code{border:0;background:none;padding:0;font-size:1em}
.marks .was{color:var(--soft)}.marks .now{font-weight:700}
.marks i{font-style:normal;color:var(--soft);padding:0 .15em}
.label{font-size:.8rem;color:var(--soft);border:1px solid var(--line);border-radius:4px;padding:0 .35em;
margin-right:.2em}
.end{display:flex;gap:.75rem;align-items:baseline;justify-content:flex-end;white-space:nowrap}
.time{color:var(--soft);font-variant-numeric:tabular-nums}
.chip{border-radius:99px;padding:.06rem .62rem;font-size:.83rem;font-weight:600;border:1px solid transparent}
.chip.passed{color:var(--passed);background:var(--passed-back)}
.chip.failed{color:var(--failed);background:var(--failed-back)}
.chip.held{color:var(--held);background:var(--held-back)}
.chip.idle{color:var(--idle);background:var(--idle-back)}
.chip.none{color:var(--none);border-color:var(--line);font-weight:500}
.inside{padding:.1rem 1rem 1rem 2.7rem}
.reason{padding:.5rem .8rem;border-radius:6px;margin-bottom:.7rem;border-left:3px solid var(--idle-fill);
background:var(--sunk);white-space:pre-wrap}
.reason.failed{background:var(--failed-back);color:var(--failed);border-color:var(--failed-fill);font-weight:600}
.reason.held{background:var(--held-back);color:var(--held);border-color:var(--held-fill)}
.note,.place,.meta{font-size:.87rem;color:var(--soft)}
.note{margin-bottom:.6rem}
.note span{text-decoration:line-through}
.place{margin-top:.7rem;font-family:var(--mono);font-size:.8rem}
.steps>li+li{margin-top:.9rem}
ul.meta code{white-space:pre-wrap}
pre{margin:0;white-space:pre-wrap;tab-size:4}
.command{background:var(--sunk);border:1px solid var(--line);border-left:3px solid var(--idle-fill);border-radius:6px;
padding:.45rem .75rem}
.passed>.command{border-left-color:var(--passed-fill)}.failed>.command{border-left-color:var(--failed-fill)}
.held>.command{border-left-color:var(--held-fill)}
.meta{margin-top:.3rem}
.meta b{font-weight:600;color:var(--text)}
.output{margin-top:.35rem;font-size:.93rem}
.output>summary{display:inline-flex;gap:.5em;align-items:center;color:var(--link);font-size:.87rem;padding:.1rem .2rem}
.output pre{margin-top:.35rem;background:var(--sunk);border:1px solid var(--line);border-radius:6px;
padding:.6rem .75rem;max-height:30rem;overflow:auto;line-height:1.45}
.hidden-letter{font:600 .78em/1 var(--mono);color:var(--failed);background:var(--failed-back);border-radius:3px;
padding:.05em .25em;margin:0 .1em;unicode-bidi:isolate;direction:ltr}

.timeline{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:.65rem 1rem;
margin-bottom:.5rem}
.timeline>summary{font-weight:600;display:flex;gap:.55em;align-items:center}
.timeline>summary small{margin-left:0}
.axis{position:relative;height:1.3rem;margin:.5rem 5rem .2rem 17.5rem;font-size:.76rem;color:var(--soft);
border-bottom:1px solid var(--line)}
.axis span{position:absolute;padding-left:.25rem;border-left:1px solid var(--line);white-space:nowrap;height:100%}
.timeline li{display:grid;grid-template-columns:17rem minmax(0,1fr) 4.5rem;gap:.5rem;align-items:center;
padding:.13rem 0;font-size:.86rem}
.timeline a{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-decoration:none;color:var(--text)}
.timeline a:hover{text-decoration:underline}
.timeline a b{font:600 .95em var(--mono)}
.timeline a span{color:var(--soft)}
.timeline .time{text-align:right}
.track{position:relative;height:.85rem;background:var(--sunk);border-radius:3px;overflow:hidden}
.bar{position:absolute;top:0;bottom:0;min-width:3px;border-radius:2px}
.bar.passed{background:var(--passed-fill)}.bar.failed{background:var(--failed-fill)}.bar.idle{background:var(--idle-fill)}
.bar.lasting{opacity:.45;background:repeating-linear-gradient(135deg,var(--passed-fill) 0 3px,transparent 3px 6px)}
footer{color:var(--soft);font-size:.85rem;padding-top:.5rem;padding-bottom:2.5rem}

@media (max-width:44rem){
.wide,main,footer{padding-left:1rem;padding-right:1rem}
h1{font-size:1.45rem}
.facts{gap:.7rem 1.5rem}
.row{grid-template-columns:1rem auto auto minmax(0,1fr);padding:.65rem .75rem}
.row .title{grid-column:2/-1;grid-row:2;margin-top:.15rem}
.inside{padding:.1rem .75rem .9rem}
.axis{display:none}
.timeline ol{margin-top:.4rem}
.timeline li{grid-template-columns:minmax(0,1fr) 4.5rem;gap:.1rem .5rem;padding:.3rem 0}
.timeline .track{grid-column:1/-1;grid-row:2}
}
@media (prefers-reduced-motion:no-preference){summary::before{transition:transform .12s}}
@media print{
:root{color-scheme:light;--page:#fff;--panel:#fff;--sunk:#fff;--line:#bbb;--text:#000;--soft:#444;--link:#000}
body{font-size:10.5pt}
.filters,.skip{display:none}
.case,.timeline li,h4{break-inside:avoid}h3,h4{break-after:avoid}
.case::details-content{content-visibility:visible;block-size:auto}
.output pre{max-height:none}
.tally,.chip,.bar,.seal,.counts i,.reason{print-color-adjust:exact;-webkit-print-color-adjust:exact}
summary::before{display:none!important}
}
""" + _hiding()
