extension AuditReport {
    /// The page's style: light and dark by the reader's wish, narrow screens, and A4 in black on white.
    static let style = """
        :root{--ink:#1b1f24;--dim:#5b6470;--line:#d5dae1;--back:#fff;--soft:#f4f6f8;--good:#0b6b3a;--bad:#b3261e;\
        --s1:#2f6fd6;--s2:#12936b;--s3:#d1571b;--s4:#7a4fc9}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#9aa5b1;--line:#39414b;--back:#14181d;\
        --soft:#1d232a;--good:#5fd39a;--bad:#ff8a80;--s1:#6ea3f5;--s2:#3fc497;--s3:#f28c54;--s4:#b08df0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",\
        Roboto,"Liberation Sans",Arial,sans-serif}
        main{max-width:58rem;margin:0 auto;padding:2rem 1.25rem 3rem}
        h1{font-size:2rem;line-height:1.15;margin:0 0 .5rem}
        h2{font-size:1.2rem;margin:2rem 0 .6rem;break-after:avoid}
        p{margin:.5rem 0}
        .kind{color:var(--dim);letter-spacing:.06em;text-transform:uppercase;font-size:.8rem;margin:0}
        .verdict{font-size:1.1rem;font-weight:600;padding:.6rem .9rem;border-left:.3rem solid;background:var(--soft)}
        .good{color:var(--good)}
        .bad{color:var(--bad)}
        .note{color:var(--dim);font-size:.9rem}
        dl{margin:.6rem 0}
        dl div{display:grid;grid-template-columns:13rem 1fr;gap:.2rem 1rem;padding:.15rem 0}
        dt{color:var(--dim)}
        dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        pre{background:var(--soft);padding:.7rem;overflow-x:auto;font-size:.8rem;white-space:pre-wrap;\
        overflow-wrap:anywhere}
        .wide{overflow-x:auto;margin:.6rem 0 1.2rem}
        table{border-collapse:collapse;width:100%;font-size:.87rem}
        caption{text-align:left;font-weight:600;padding:.3rem 0}
        th,td{padding:.28rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;\
        overflow-wrap:break-word}
        td.long{overflow-wrap:anywhere;min-width:9rem}
        td.short{white-space:nowrap}
        th{color:var(--dim);font-weight:600;border-bottom-width:2px}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        tfoot td{font-weight:600;border-top:2px solid var(--line)}
        tr{break-inside:avoid}
        figure{margin:.8rem 0 1.6rem;break-inside:avoid}
        figcaption{font-weight:600}
        svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{fill:var(--ink);font-size:11px;font-family:inherit}
        svg .tick{fill:var(--dim);font-variant-numeric:tabular-nums}
        .grid{stroke:var(--line);stroke-width:1}
        .s1{fill:var(--s1);background:var(--s1)}
        .s2{fill:var(--s2);background:var(--s2)}
        .s3{fill:var(--s3);background:var(--s3)}
        .s4{fill:var(--s4);background:var(--s4)}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;margin:.3rem 0;font-size:.87rem}
        .legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.4rem;vertical-align:-1px}
        .sign{break-inside:avoid}
        .lines{display:grid;grid-template-columns:repeat(3,1fr);gap:2rem;margin-top:3.5rem}
        .lines p{border-top:1px solid var(--ink);padding-top:.3rem;color:var(--dim);font-size:.87rem}
        @media (max-width:40rem){main{padding:1.2rem .9rem 2rem}h1{font-size:1.6rem}dl div{grid-template-columns:1fr;\
        gap:0;padding:.3rem 0}.lines{grid-template-columns:1fr;gap:3rem}svg text{font-size:17px}table{font-size:.8rem}th,td{padding:.28rem .4rem}\
        table.stack thead{display:none}table.stack tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--line);\
        padding:.3rem 0}table.stack td{border:0;padding:.1rem .2rem}table.stack td:first-child{font-weight:600}\
        table.stack td:nth-child(2){order:3;grid-column:1/-1;color:var(--dim)}}
        @page{size:A4;margin:16mm 14mm}
        @media print{:root{--ink:#000;--dim:#444;--line:#bbb;--back:#fff;--soft:#f3f3f3;--good:#0b5c33;--bad:#9b1c15;\
        --s1:#2f6fd6;--s2:#12936b;--s3:#d1571b;--s4:#7a4fc9}body{font-size:10pt;print-color-adjust:exact;\
        -webkit-print-color-adjust:exact}main{max-width:none;padding:0}.wide{overflow:visible}.whole{break-inside:avoid}\
        table{font-size:8.2pt}thead{display:table-header-group}tfoot{display:table-row-group}th,td{padding:.18rem .35rem}}
        """
}
