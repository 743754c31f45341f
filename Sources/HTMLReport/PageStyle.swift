/// The look of a page: readable on a phone, in print, in the dark and in black and white. It loads nothing.
enum PageStyle {
  static let css: StaticString = """
    :root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--dim:#59636e;--line:#d5dbe1;--soft:#f5f7f9;--good:#17702f;
    --good-soft:#e7f5ea;--bad:#b3121d;--bad-soft:#fdecec;--careful:#8a5a00;--careful-soft:#fff5da;--prepare:#8a949e;
    --commit:#7a4cc4;--verify:#1f6fd0;--undo:#c2571a;--one:#1f6fd0;--two:#c2571a}
    @media (prefers-color-scheme:dark){:root{--bg:#0e1217;--fg:#e3e9ef;--dim:#98a3ae;--line:#313a44;--soft:#171d24;
    --good:#5cc878;--good-soft:#12291a;--bad:#ff8a85;--bad-soft:#351619;--careful:#e6b455;--careful-soft:#2f2611;
    --prepare:#7b8792;--commit:#a98be6;--verify:#5ea5f5;--undo:#ef935a;--one:#5ea5f5;--two:#ef935a}}
    @media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--soft:#fff;--good:#17702f;
    --good-soft:#fff;--bad:#b3121d;--bad-soft:#fff;--careful:#8a5a00;--careful-soft:#fff;--prepare:#8a949e;
    --commit:#7a4cc4;--verify:#1f6fd0;--undo:#c2571a;--one:#1f6fd0;--two:#c2571a}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--bg);color:var(--fg);
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
    h1{font-size:1.45rem;line-height:1.25;margin:.25rem 0 .5rem}
    h2{font-size:1.15rem;margin:2.25rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
    h3{font-size:1rem;margin:1.25rem 0 .5rem}
    p{margin:.4rem 0}
    code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85em}
    .dim{color:var(--dim)}
    .small{font-size:.875rem}
    .verdict{border-left:.4rem solid var(--c);background:var(--s);padding:.9rem 1.1rem;border-radius:.3rem}
    .end{color:var(--c);font-weight:700;font-size:1.05rem;margin:0}
    .verdict pre{margin:.6rem 0 0;padding:0;background:none;border:0;color:var(--fg)}
    .good{--c:var(--good);--s:var(--good-soft)}.bad{--c:var(--bad);--s:var(--bad-soft)}
    .careful{--c:var(--careful);--s:var(--careful-soft)}.plain{--c:var(--dim);--s:var(--soft)}
    .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.6rem 1.5rem;margin:1.1rem 0}
    .facts div{min-width:0}
    dt{color:var(--dim);font-size:.8rem}
    dd{margin:0}
    nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;font-size:.9rem}
    a{color:inherit;text-underline-offset:.2em}
    svg{display:block;width:100%}
    .phases{height:3.1rem;overflow:visible}
    .phases text{fill:var(--dim);font-size:11px}
    .phases line{stroke:var(--line)}
    .prepare{--p:var(--prepare)}.commit{--p:var(--commit)}.verify{--p:var(--verify)}.undo{--p:var(--undo)}
    .fill{fill:var(--p)}
    .legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.3rem 0 1rem;padding:0;list-style:none;font-size:.875rem}
    .legend i{display:inline-block;width:.75rem;height:.75rem;border-radius:.15rem;background:var(--p);margin-right:.4rem}
    .steps{list-style:none;margin:0;padding:0}
    .steps>li{display:grid;grid-template-columns:minmax(0,20rem) minmax(0,1fr) 5.5rem;gap:.1rem 1rem;align-items:center;
    padding:.35rem 0;border-top:1px solid var(--line);break-inside:avoid}
    .steps svg{height:.8rem;background:var(--soft);border-radius:.15rem}
    .steps .took{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    .steps .more{grid-column:1/-1;font-size:.875rem;color:var(--dim)}
    .failed>.name,.failed>.more{color:var(--bad)}
    .failed>.name{font-weight:600}
    .skipped>.name{color:var(--dim)}
    .checks{list-style:none;margin:0;padding:0}
    .checks>li{border-top:1px solid var(--line);padding:.5rem 0;break-inside:avoid}
    .checks .head{display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline}
    .chip{color:var(--c);font-weight:700;min-width:2.6rem}
    .checks .took{margin-left:auto;color:var(--dim);font-size:.875rem}
    .evidence{display:grid;grid-template-columns:minmax(0,12rem) minmax(0,1fr);gap:.1rem 1rem;margin:.4rem 0}
    summary{cursor:pointer;color:var(--dim);font-size:.875rem;padding:.15rem 0}
    details[open]>summary{margin-bottom:.3rem}
    pre{margin:.5rem 0;padding:.7rem .8rem;background:var(--soft);border:1px solid var(--line);border-radius:.3rem;
    white-space:pre-wrap;line-height:1.45}
    pre span{display:block;padding-left:1.2em;text-indent:-1.2em;min-height:1.45em}
    .add{color:var(--good)}.del{color:var(--bad)}.hunk{color:var(--dim)}
    .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:1rem 1.5rem}
    figure{margin:0;min-width:0;break-inside:avoid}
    figcaption{font-size:.875rem;display:flex;flex-wrap:wrap;gap:0 .8rem}
    .plot{height:7rem;background:var(--soft);border-bottom:1px solid var(--dim);border-left:1px solid var(--dim)}
    .plot path{fill:none;stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
    .plot .dots{stroke-width:5;stroke-linecap:round}
    .plot .gap{stroke-dasharray:3 4}
    .plot .back{fill:var(--p);opacity:.14}
    .one{stroke:var(--one)}.two{stroke:var(--two)}
    .key1{color:var(--one)}.key2{color:var(--two)}
    .axis{display:flex;justify-content:space-between;font-size:.75rem;color:var(--dim)}
    footer{margin-top:2.5rem;padding-top:.6rem;border-top:1px solid var(--line);color:var(--dim);font-size:.8rem}
    @media (max-width:40rem){
    body{padding:.75rem}
    h1{font-size:1.2rem}
    .facts{grid-template-columns:repeat(2,minmax(0,1fr))}
    .facts .wide{grid-column:1/-1}
    .steps>li{grid-template-columns:minmax(0,1fr) auto}
    .steps svg{grid-column:1/-1;grid-row:2}
    .evidence{grid-template-columns:minmax(0,1fr)}.evidence dd{margin-bottom:.3rem}}
    @media print{body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}
    .verdict{border:1px solid var(--c);border-left-width:.4rem}
    .passed details{display:none}
    details::details-content{content-visibility:visible;display:block;height:auto}summary{list-style:none}
    svg,.legend i,.steps svg,.plot{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """
}
