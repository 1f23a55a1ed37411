// The ways to a pod, side by side: its own address; the Service's in the kernel; the Service's through a process. One server pod,
// one loadbot outside the cluster, so that nothing differs but the way.
import { startLoadbot, thousands } from './programs.mjs'
import { quantile, sleep, startProduct } from './product.mjs'

const CONNECTIONS = 16
const DEPTHS = [1, 16, 64]
const WARM_UP_MS = 1000
/** Open loop: this part of what the slowest way carries, at this depth. */
const OFFERED = { share: 0.5, depth: 16 }
const SERVICE = '/api/v1/namespaces/default/services/nginx'

/** Answers as fast as they come, in how long, and what was lost. */
async function closedLoop({ host, port }, depth, seconds) {
  const bot = await startLoadbot(host, port, `--depth ${depth} --connections ${CONNECTIONS}`)
  await sleep(WARM_UP_MS)
  const [before, began] = [await bot.report(), performance.now()]
  await sleep(seconds * 1000)
  const [after, ended] = [await bot.report(), performance.now()]
  await bot.stop()
  const failed = Object.values(after.failed).reduce((sum, count) => sum + count, 0)
  return { answered: after.answered - before.answered, ms: ended - began, failed }
}

/** The 99th percentiles (ms) of the seconds, by latency from when each request was due. */
async function openLoop({ host, port }, rate, seconds) {
  const { depth } = OFFERED
  const words = `--rate ${rate} --depth ${depth} --connections ${CONNECTIONS}`
  const bot = await startLoadbot(host, port, words)
  await sleep(WARM_UP_MS)
  const p99s = []
  for (let second = 0; second < Math.max(2, seconds); second++) {
    await sleep(1000)
    p99s.push((await bot.p99()) / 1e6)
  }
  const { slipped } = await bot.report()
  await bot.stop()
  return { p99s, slipped }
}

async function waysOf(product) {
  const { spec } = await product.ask('GET', SERVICE)
  const [pod] = await product.serverPods()
  const [{ port, targetPort }] = spec.ports
  const service = { host: spec.clusterIP, port }
  return [
    { name: 'direct', host: pod.status.podIP, port: targetPort ?? port },
    { name: 'iptables', mode: 'iptables', ...service },
    { name: 'userspace', mode: 'userspace', ...service },
  ]
}

/**
 * Measures every way forth and back, half the time each, so that what warms up or slows down meanwhile is nobody's advantage.
 * @returns both results by name of the way
 */
async function forthAndBack(product, ways, measure) {
  const results = new Map(ways.map(({ name }) => [name, []]))
  for (const way of [...ways, ...ways.slice().reverse()]) {
    if (way.mode) await product.proxyMode(way.mode)
    results.get(way.name).push(await measure(way))
  }
  return results
}

const sum = (results, what) => results.reduce((total, result) => total + result[what], 0)

/** Prints a line per depth. @returns requests/s of the slowest way at the depth of the open loop */
async function compareRates(product, ways, seconds) {
  let slowest = Infinity
  for (const depth of DEPTHS) {
    const results = await forthAndBack(product, ways, (to) => closedLoop(to, depth, seconds / 2))
    const rates = [...results.values()].map(
      (both) => (sum(both, 'answered') / sum(both, 'ms')) * 1000,
    )
    const cells = [...results.values()].map((both, at) => {
      const failed = sum(both, 'failed')
      const words = `${thousands(rates[at])} ${(rates[at] / rates[0]).toFixed(2)}`
      return `${words}${failed ? ` failed ${failed}` : ''}`.padStart(20)
    })
    if (depth === OFFERED.depth) slowest = Math.min(...rates)
    console.log(`${String(depth).padStart(5)}${cells.join('')}`)
  }
  return slowest
}

async function compareLatencies(product, ways, rate, seconds) {
  const results = await forthAndBack(product, ways, (to) => openLoop(to, rate, seconds / 2))
  const cells = [...results.values()].map((both) => {
    const slipped = sum(both, 'slipped')
    const p99 = quantile(
      both.flatMap(({ p99s }) => p99s),
      0.5,
    )
    return `${p99.toFixed(2)} ms${slipped ? ` slipped ${slipped}` : ''}`.padStart(20)
  })
  console.log(
    `\np99 at ${thousands(rate).trim()} requests/s offered to each (open loop, depth ${OFFERED.depth})`,
  )
  console.log(`     ${cells.join('')}`)
}

async function compare(product, seconds) {
  await product.scaleLoadbots(0)
  await product.update('podium/web:v1')
  await product.scaleServers(1)
  const ways = await waysOf(product)
  console.log(
    `\nrequests/s to one pod, ${CONNECTIONS} connections, ${seconds} s each; ratio to direct`,
  )
  console.log(`depth${ways.map(({ name }) => name.padStart(20)).join('')}`)
  const slowest = await compareRates(product, ways, seconds)
  await compareLatencies(product, ways, Math.round(slowest * OFFERED.share), seconds)
}

/** Starts the product and prints how its ways to a pod compare; `seconds` for each measurement. */
export async function measurePaths(seconds) {
  const product = await startProduct(['--proxy-mode', 'iptables'])
  try {
    await compare(product, seconds)
  } finally {
    await product.stop()
  }
}
