#!/usr/bin/env node
// `npx podium …`: `podium rolling-update …` is a command of its own; everything else starts Podium.
import { installIfMissing } from './install.mjs'

installIfMissing()
const { buildServer, buildAll } = await import('./build.mjs')

if (process.argv[2] === 'rolling-update') {
  await buildServer()
  process.argv.splice(2, 1)
  await import('../../dist/server/rolling-update.js')
} else {
  await buildAll(() => undefined)
  await import('./run.mjs')
}
