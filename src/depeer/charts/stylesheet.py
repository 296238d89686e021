"""The page's one style sheet, inline; its digest stands in the page's content-security policy."""

from __future__ import annotations

from depeer.charts import theme

_BASE = """
:root{color-scheme:light dark;--ink:#1d2730;--muted:#5a6772;--line:#e3e7ea;--rule:#c9d0d5;
--paper:#fefefe;--panel:#f5f7f8;--accent:#a63d40;--faint:#c98f90;--gap:#d5d9dd;--warn:#8a5a00;
--warnbg:#fdf6e6;--warnline:#e0b85c;--spam:#3b6a94;--ham:#7fa88a;--other:#b3a17c;--link:#24567f}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8eb;--muted:#9aa6af;--line:#2c353c;--rule:#414c55;
--paper:#14191d;--panel:#1b2227;--accent:#e5898b;--faint:#8d5456;--gap:#39434b;--warn:#e8c377;
--warnbg:#2a2414;--warnline:#7c6424;--spam:#7fb0dc;--ham:#8fbf9c;--other:#c9b88f;--link:#9cc7ea}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 FONT}
main,header,footer,nav{max-width:1128px;margin:0 auto;padding:0 24px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:12px;top:8px;background:var(--paper);padding:6px 12px;border:2px solid var(--link);
z-index:2}
a{color:var(--link);text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
header{padding-top:22px}
h1{font-size:25px;line-height:1.25;margin:0 0 3px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:19px;line-height:1.3;margin:46px 0 6px;padding-top:14px;border-top:1px solid var(--rule)}
h3{font-size:15px;margin:26px 0 4px}
main section:first-child h2{margin-top:10px;border-top:0;padding-top:0}
p{margin:6px 0 10px;max-width:76ch}
.dim,.meta{color:var(--muted)}
.meta{margin:0;font-size:14px}
.simulated{margin:0 0 14px;padding:7px 14px;border:1px solid var(--warnline);background:var(--warnbg);
color:var(--warn);font-weight:600;max-width:none;border-radius:4px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:10px;margin:16px 0 10px;
padding:0}
.facts div{background:var(--panel);border-left:3px solid var(--rule);padding:8px 12px 9px;
border-radius:0 4px 4px 0}
.facts .open{border-left-color:var(--warnline);background:var(--warnbg)}
.facts dt{font-size:12.5px;color:var(--muted)}
.facts dd{margin:0}
.facts .big{font-size:20px;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
.facts .small{font-size:12.5px;line-height:1.35;color:var(--muted);overflow-wrap:anywhere}
nav{font-size:13.5px;padding-top:2px;padding-bottom:6px}
nav a{display:inline-block;padding:3px 0;margin-right:16px}
figure{margin:14px 0 8px}
svg{display:block;max-width:100%;height:auto}
.narrow{display:none}
.scroll{overflow-x:auto;margin:12px 0 8px}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:0 0 6px;font-size:13.5px}
th,td{padding:4px 12px 4px 0;vertical-align:top;text-align:left;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:2px}
thead tr:first-child th{color:var(--muted);font-weight:400;border-bottom:1px solid var(--rule);
vertical-align:bottom}
tbody th{font-weight:400}
th.n,td.n{text-align:right;white-space:nowrap}
td.t,th.t{overflow-wrap:anywhere;min-width:6.5em}
.who{font-weight:600;white-space:nowrap}
.name{display:block;min-width:11em;max-width:30em;color:var(--muted);overflow-wrap:anywhere}
tr.open td{background:var(--warnbg);color:var(--warn);text-align:left;
border-bottom:1px solid var(--warnline);padding:5px 10px;white-space:normal}
.open strong{font-weight:600}
.note{background:var(--panel);padding:9px 14px;border-radius:4px;max-width:none}
.warn{color:var(--warn)}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--panel);padding:10px 14px;border-radius:4px;overflow-x:auto;margin:8px 0}
ul{margin:6px 0 10px;padding-left:20px;max-width:76ch}
li{margin:3px 0}
details{margin:8px 0}
summary{cursor:pointer;color:var(--link);font-size:13.5px}
.bar{display:inline-block;vertical-align:middle}
.bar rect{fill:var(--spam)}
footer{margin-top:48px;padding-top:12px;padding-bottom:28px;color:var(--muted);font-size:13px}
@media (max-width:760px){body{font-size:14.5px}
main,header,footer,nav{padding-left:14px;padding-right:14px}
.held{display:block;position:sticky;left:0;max-width:calc(100vw - 66px)}
.wide{display:none}
.narrow{display:block}
h1{font-size:21px}
.facts{grid-template-columns:1fr 1fr;gap:8px}
.facts .big{font-size:17px}
.scroll table{min-width:600px}
.scroll .slim{min-width:0}}
@media print{:root{color-scheme:light;--ink:#000;--muted:#444;--line:#ddd;--rule:#999;--paper:#fff;
--panel:#f5f5f5;--accent:#a63d40;--faint:#c98f90;--gap:#d5d9dd;--warn:#5c3c00;--warnbg:#fdf6e6;
--spam:#3b6a94;--ham:#7fa88a;--other:#b3a17c;--link:#000}
body{font-size:10.5pt}
nav,.skip{display:none}
.wide{display:block}
.narrow{display:none}
.scroll{overflow:visible}
.scroll table{min-width:0;font-size:8pt}
th,td{padding-right:6px}
h2,h3,caption{break-after:avoid}
figure,tr,.facts div{break-inside:avoid}
thead{display:table-header-group}
.facts{grid-template-columns:repeat(4,1fr)}}
"""

_PAINTS = {
    theme.INK: "ink",
    theme.MUTED: "muted",
    theme.GRID: "line",
    theme.GAP: "gap",
    theme.ACCENT: "accent",
    theme.FAINT: "faint",
    theme.PAPER: "paper",
    theme.LABELS["spam"]: "spam",
    theme.LABELS["ham"]: "ham",
    theme.LABELS["unknown"]: "other",
}


def _repainted() -> str:
    """A drawing's fixed colours, taken over by the page's variables."""
    return "\n".join(
        f'svg [{attribute}="{colour}"]{{{attribute}:var(--{name})}}'
        for colour, name in _PAINTS.items()
        for attribute in ("fill", "stroke")
    )


_FACES = ",".join(f'"{face}"' if " " in face else face for face in theme.FONT.split(", "))
STYLE = _BASE.replace("FONT", _FACES) + _repainted() + "\n"
"""The whole sheet, as it stands in the page and is hashed for its policy."""
