// `npm run bench [-- name …]`: runs the benchmarks of e2e/bench one after the other on the built product.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { installIfMissing } from '../../server/launch/install.mjs'

installIfMissing()
const { buildAll, root } = await import('../../server/launch/build.mjs')
await buildAll((name, ms) => console.log(`Built the ${name} in ${ms} ms`))

const folder = path.join(root, 'e2e/bench')
const wanted = process.argv.slice(2)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
if (files.length === 0) {
  console.error(`No benchmark is called ${wanted.join(', ')}.`)
  process.exit(1)
}
for (const file of files) {
  const { status } = spawnSync(process.execPath, [path.join(folder, file)], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
