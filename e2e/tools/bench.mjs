// `npm run bench [-- name … --option …]`: runs the benchmarks of e2e/bench one after the other on the built product. Options
// are theirs.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { installIfMissing } from '../../server/launch/install.mjs'

installIfMissing()
const { buildAll, root } = await import('../../server/launch/build.mjs')
await buildAll((name, ms) => console.log(`Built the ${name} in ${ms} ms`))

const folder = path.join(root, 'e2e/bench')
const given = process.argv.slice(2)
const firstOption = given.findIndex((word) => word.startsWith('--'))
const wanted = firstOption < 0 ? given : given.slice(0, firstOption)
const options = firstOption < 0 ? [] : given.slice(firstOption)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
if (files.length === 0) {
  console.error(`No benchmark is called ${wanted.join(', ')}.`)
  process.exit(1)
}
for (const file of files) {
  const args = [path.join(folder, file), ...options]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
