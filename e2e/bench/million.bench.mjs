// Full load through the Service, with a rolling update of all nginx pods in the middle: what is sustained, what is lost, and
// whether both sides counted the same. Meanwhile the control plane is asked to do something ten times a second.
//   node e2e/bench/million.bench.mjs [--seconds 60] [--rate 1000000 | full | 0 (as fast as answers come)] [--loadbots 2]
//     [--servers 4] [--mode iptables | userspace]
//   … --seconds 3600 is the soak: memory and descriptors of every process over time.
import { parseArgs } from 'node:util'
import { quantile, sleep, startProduct } from './data-plane/product.mjs'
import { startButtons } from './data-plane/buttons.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000000' },
    loadbots: { type: 'string', default: '2' },
    servers: { type: 'string', default: '4' },
    mode: { type: 'string', default: 'iptables' },
  },
})
const seconds = Number(values.seconds)
const loadbots = Number(values.loadbots)
const WARM_UP_MS = 3000
const SECOND_MS = 1000

const thousands = (value) => Math.round(value).toLocaleString('en')
const byPart = (processes) => Map.groupBy?.(processes, ({ part }) => part) ?? group(processes)

function group(processes) {
  const groups = new Map()
  for (const each of processes) groups.set(each.part, [...(groups.get(each.part) ?? []), each])
  return groups
}

/** One line: the largest process of each part, and how many there are. */
function sizes(processes) {
  const parts = [...byPart(processes)].map(([part, all]) => {
    const most = (of) => Math.max(...all.map(of))
    return `${part}×${all.length} ${most(({ rss }) => rss).toFixed(0)} MiB ${most(({ descriptors }) => descriptors)} fd`
  })
  return parts.join(' · ')
}

/** CPU seconds per million requests by part, of processes that lived through it. */
function costs(before, after, requests) {
  const was = new Map(before.map(({ pid, cpu }) => [pid, cpu]))
  const lasting = after.filter(({ pid }) => was.has(pid))
  const parts = [...byPart(lasting)].map(([part, all]) => {
    const used = all.reduce((sum, { pid, cpu }) => sum + cpu - was.get(pid), 0)
    return [part, (used / requests) * 1e6]
  })
  const total = parts.reduce((sum, [, cost]) => sum + cost, 0)
  const words = parts.map(([part, cost]) => `${part} ${cost.toFixed(3)}`)
  return `${total.toFixed(3)} (${words.join(', ')})`
}

async function run(product) {
  const fullLoad = await product.fullLoad()
  console.log(`measured at the start: this machine sustains ${thousands(fullLoad)} requests/s`)
  // Podium's own server, also where nginx is installed: it says how many it answered.
  await product.quiet()
  await product.update('podium/web:v1')
  await product.scaleServers(Number(values.servers))
  await product.proxyMode(values.mode)
  const start = await product.summary()
  const served = await product.countServed()
  const rate = values.rate === 'full' ? fullLoad : Number(values.rate)
  console.log(
    `${values.mode}, ${rate ? `${thousands(rate)} requests/s` : 'as fast as answers come'}, ` +
      `${loadbots} loadbots, ${values.servers} nginx pods, ${seconds} s`,
  )
  await product.load(rate, loadbots)
  await sleep(WARM_UP_MS)

  const buttons = await startButtons(product)
  const perSecond = []
  const latencies = []
  const sizeEvery = Math.max(5, Math.floor(seconds / 20))
  let updating
  let cost = ''
  const cpuBefore = product.processes()
  let [at, last] = [performance.now(), await product.summary()]
  const first = last
  for (let second = 0; second < seconds; second++) {
    await sleep(at + SECOND_MS - performance.now())
    const [now, summary] = [performance.now(), await product.summary()]
    perSecond.push(((summary.served - last.served) / (now - at)) * 1000)
    if (summary.p99Ms !== null) latencies.push(summary.p99Ms)
    ;[at, last] = [now, summary]
    if (second % sizeEvery === 0) {
      console.log(`${String(second).padStart(5)} s  ${sizes(product.processes())}`)
    }
    if (second + 1 === Math.ceil(seconds / 2)) {
      cost = costs(cpuBefore, product.processes(), summary.served - first.served)
      const began = performance.now()
      updating = product.update('podium/web:v2').then(() => performance.now() - began)
    }
  }
  const { patches, feed } = await buttons.stop()
  const updateMs = await updating
  await product.quiet()
  // The last pods' last words arrive a moment after they have gone.
  await sleep(SECOND_MS)
  const end = await product.summary()
  const stage = end.served - start.served
  const pods = await served.total()
  served.stop()
  const failed = end.failed - start.failed
  const mean = perSecond.reduce((sum, each) => sum + each, 0) / perSecond.length
  const ms = (numbers) =>
    `p50 ${quantile(numbers, 0.5).toFixed(1)} ms, p99 ${quantile(numbers, 0.99).toFixed(1)} ms, max ${quantile(numbers, 1).toFixed(0)} ms (${numbers.length})`
  console.log(
    [
      `requests/s               mean ${thousands(mean)}, lowest second ${thousands(Math.min(...perSecond))}`,
      `request p99 by seconds   median ${quantile(latencies, 0.5)} ms, worst ${quantile(latencies, 1)} ms`,
      `failed                   ${failed} ${failed ? JSON.stringify(end.failedByCause) : ''}`,
      `retried                  ${end.retried - start.retried}`,
      `counted by the stage     ${thousands(stage)}`,
      `counted by the pods      ${thousands(pods)}${pods === stage ? ', the same to the unit' : `, differs by ${pods - stage}`}`,
      `rolling update           ${(updateMs / 1000).toFixed(1)} s`,
      `API patch                ${ms(patches)}`,
      `API event to browser     ${ms(feed)}`,
      `CPU-s per million        ${cost}`,
    ].join('\n'),
  )
  return failed === 0 && pods === stage
}

const product = await startProduct(['--proxy-mode', values.mode])
let isExact = false
try {
  isExact = await run(product)
} finally {
  await product.stop()
}
process.exit(isExact ? 0 : 1)
