package pages

import "strings"

const unbuiltStyle = `body{font:17px/1.7 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",system-ui,sans-serif;max-width:40rem;margin:12vh auto;padding:0 1.5rem;color-scheme:light dark}code{font-size:.95em}section+section{margin-top:2.5rem}`

const unbuilt = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>网页尚未构建 · Not built yet</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<section>
<h1>网页尚未构建</h1>
<p>此程序编译时没有带上网页（管理台、公众地图、接口文档页）；接口照常可用。</p>
<p>请在源代码目录运行 <code>make run</code>：它先构建网页，再启动演示（需要 Node 20.19 或更新版本与 npm）。只构建网页用 <code>make console</code>，然后重新编译本程序。</p>
<p>接口约定的原文：<a href="/openapi.yaml">openapi.yaml</a></p>
</section>
<section lang="en">
<h1>Not built yet</h1>
<p>This program was compiled without its pages (the managers’ console, the public map, the page that shows the contract). The API works as ever.</p>
<p>Run <code>make run</code> in the source folder: it builds the pages, then serves the demonstration (it needs Node 20.19 or later, and npm). <code>make console</code> builds them alone; compile the program again after it.</p>
<p>The contract itself: <a href="/openapi.yaml">openapi.yaml</a></p>
</section>
</main>
</body>
</html>
`

// Unbuilt is the page in place of one that no build has made: it says how to have it. UnbuiltPolicy is what it may load.
var (
	Unbuilt       = []byte(strings.Replace(unbuilt, "{style}", unbuiltStyle, 1))
	UnbuiltPolicy = "default-src 'none'; style-src " + HashOf(unbuiltStyle) + "; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
