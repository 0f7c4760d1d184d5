"""The look of the quality page: one sheet a screen, the picture beside its values, colours by kind."""

from __future__ import annotations

_MOST_LINKS = 400  # boxes of one sheet that light up with their lines

# Without a script, a line can only light up its box by a rule of its own.
_LINKS = "".join(f".sheet:has(.r{n}:hover) .b{n},.sheet:has(.b{n}:hover) .r{n}{{--lit:1}}" for n in range(_MOST_LINKS))

STYLE = """
:root{--field:#1668dc;--dimension:#0a8f4f;--annotation:#b5179e;--bom:#c2570c;--material:#7a5c00;--parameter:#5b5f97}
*{box-sizing:border-box}
body{margin:0;font:13px/1.35 system-ui,-apple-system,"Segoe UI",sans-serif;color:#1b1f24;background:#eef0f3}
header{padding:10px 16px;background:#fff;border-bottom:1px solid #d5d9df}
h1{font-size:17px;margin:0 0 4px}
.targets span{margin-right:18px}.legend{margin-top:5px}.hint{color:#667;margin-left:10px}
.key{display:inline-block;padding:1px 8px;margin-right:6px;border-radius:3px;color:#fff;background:var(--c)}
.field{--c:var(--field)}.dimension{--c:var(--dimension)}.annotation{--c:var(--annotation)}
.bom{--c:var(--bom)}.material{--c:var(--material)}.parameter{--c:var(--parameter)}
section{margin:10px;background:#fff;border:1px solid #d5d9df;border-radius:4px;height:calc(100vh - 20px);min-height:520px;
 display:flex;flex-direction:column;overflow:hidden;scroll-margin-top:10px}
h2{font-size:13px;margin:0;padding:6px 10px;border-bottom:1px solid #e4e7eb;overflow-wrap:anywhere}
h2 a{color:#889;text-decoration:none;margin-right:4px}
h2 small{font-weight:400;color:#667;margin:0 8px}
.why,.lot{font-weight:400;font-size:12px;border-radius:3px;padding:0 6px;margin-right:4px;background:#ffe9d6;color:#8a3b00}
.lot{background:#e6ebf2;color:#456}
.sheet{display:flex;flex:1;min-height:0}
.view{flex:1;min-width:0;display:flex;align-items:center;justify-content:center;padding:8px;container-type:size}
.page{position:relative;line-height:0;outline:1px solid #ccd}
.page img{display:block;width:auto;height:auto;max-width:100cqw;max-height:100cqh}
.page i{position:absolute;outline:1.5px solid var(--c);outline-offset:1px;border-radius:1px;
 background:color-mix(in srgb,var(--c) calc(6% + var(--lit,0)*36%),transparent)}
.page i.unsure{outline-style:dashed;outline-width:2px}
.page i:hover{z-index:3}
.page i b{display:none;position:absolute;bottom:100%;left:-2px;width:max-content;max-width:420px;
 padding:3px 7px;font:12px/1.35 system-ui,sans-serif;color:#fff;
 background:var(--c);border-radius:3px;overflow-wrap:anywhere;pointer-events:none}
.page i.right b{left:auto;right:-2px}.page i.below b{bottom:auto;top:100%}
.page i b em{font-style:normal;opacity:.75}
.page i:hover b{display:block}
.found{width:330px;overflow:auto;border-left:1px solid #e4e7eb;padding:4px 10px 10px}
h3{font-size:12px;margin:8px 0 3px;color:var(--c)}h3 small{color:#889;font-weight:400}
ul{list-style:none;margin:0;padding:0}
li{padding:1px 4px;border-left:3px solid var(--c);margin-bottom:1px;overflow-wrap:anywhere;
 background:color-mix(in srgb,var(--c) calc(var(--lit,0)*25%),transparent)}
li:hover{background:color-mix(in srgb,var(--c) 15%,transparent)}
ul.dimension{display:flex;flex-wrap:wrap;gap:2px}
ul.dimension li{border:1px solid color-mix(in srgb,var(--c) 45%,transparent);border-radius:3px}
dfn{font-style:normal;color:#667}ul.dimension dfn{font-size:11px}
.unsure bdi{text-decoration:underline dashed #c22;text-underline-offset:3px}
.missing,.more{border-left-color:transparent;color:#a33}.more{color:#667}
.none{color:#889;line-height:1.4;text-align:center}
""" + _LINKS
