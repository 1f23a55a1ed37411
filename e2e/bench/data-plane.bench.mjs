// The path of a request, side by side in one run: the machine's ceiling, the ways to a pod, and other people's programs.
//   node e2e/bench/data-plane.bench.mjs [--seconds 4] [--only ceiling,paths,wrk]
import { parseArgs } from 'node:util'
import { measureCeiling } from './data-plane/ceiling.mjs'
import { measurePaths } from './data-plane/paths.mjs'
import { measureWrk } from './data-plane/wrk.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: 'ceiling,paths,wrk' },
  },
})
const seconds = Number(values.seconds)
const parts = { ceiling: measureCeiling, paths: measurePaths, wrk: measureWrk }
for (const part of values.only.split(',')) {
  if (!parts[part]) throw new Error(`--only takes ${Object.keys(parts).join(', ')}, not ${part}`)
  await parts[part](seconds)
}
