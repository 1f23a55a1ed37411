// `npm start`: installs what is missing, builds what is stale, becomes Podium.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { installIfMissing } from './install.mjs'

installIfMissing()

// Built in a process of its own, so that the builders' memory is not Podium's.
const builder = fileURLToPath(new URL('build.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [builder, '--progress'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const { main } = await import('../../dist/server/main.js')
await main(process.argv.slice(2), process.env)
