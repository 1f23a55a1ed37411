// The page for a browser without the token: says what to do, in the look of the stage.

const STYLE = `
  :root { color-scheme: dark light; --bg: #0a0b0d; --t1: #f4f1ea; --t2: #bfbcb4; --line: #24282d; --s1: #111316 }
  @media (prefers-color-scheme: light) {
    :root { --bg: #f6f4ef; --t1: #14161a; --t2: #4a4b4f; --line: #dcd8ce; --s1: #fff }
  }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--bg); color: var(--t1);
    font: 500 18px/1.5 'Archivo Variable', Archivo, system-ui, sans-serif }
  main { max-width: 34rem; padding: 32px; margin: 16px; background: var(--s1); border: 1px solid var(--line);
    border-radius: 16px }
  h1 { margin: 0 0 12px; font-size: 32px; font-weight: 640; letter-spacing: -0.015em }
  p { margin: 0 0 12px; color: var(--t2) }
  code { font: 500 16px 'JetBrains Mono Variable', ui-monospace, monospace; color: var(--t1) }
  a { color: var(--t1) }`

/** The whole page; static, so there is nothing to escape. */
export const DOOR_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Podium: the stage door</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>The stage door</h1>
<p>This stage opens with its access token, and this browser has none or an old one.</p>
<p>Open the address that the terminal shows; it ends in <code>/?token=…</code></p>
<p>You came by that address just now? <a href="/">Enter</a></p>
</main>
</body>
</html>
`
