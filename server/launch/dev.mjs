// `npm run dev`: one port, hot reload. The browser's files come through Vite inside the server; a change to the
// server's files builds them again and starts the process anew.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import path from 'node:path'
import { installIfMissing } from './install.mjs'

installIfMissing()
const { buildSchemas, buildServer, root } = await import('./build.mjs')

let child
let restarting = false

function run() {
  const entry = path.join(root, 'server/launch/run.mjs')
  child = spawn(process.execPath, [entry, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PODIUM_DEV: '1' },
  })
  child.on('exit', (code) => {
    if (!restarting) process.exit(code ?? 1)
    restarting = false
    run()
  })
}

async function rebuild() {
  try {
    if (!(await buildServer())) return
    await buildSchemas()
  } catch {
    return // esbuild has printed what is wrong; the running server stays
  }
  restarting = true
  child.kill('SIGINT')
}

let pending
const soon = () => {
  clearTimeout(pending)
  pending = setTimeout(() => void rebuild(), 100)
}
await buildServer()
await buildSchemas()
run()
for (const room of ['server', 'shared']) watch(path.join(root, room), { recursive: true }, soon)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGINT'))
