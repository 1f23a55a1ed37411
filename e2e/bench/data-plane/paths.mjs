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

/** Answers per second as fast as they come, and what was lost. */
async function closedLoop({ host, port }, depth, seconds) {
  const bot = await startLoadbot(host, port, `--depth ${depth} --connections ${CONNECTIONS}`)
  await sleep(WARM_UP_MS)
  const [before, began] = [await bot.report(), performance.now()]
  await sleep(seconds * 1000)
  const [after, ended] = [await bot.report(), performance.now()]
  await bot.stop()
  const failed = Object.values(after.failed).reduce((sum, count) => sum + count, 0)
  return { rate: ((after.answered - before.answered) / (ended - began)) * 1000, failed }
}

/** The median of the 99th percentiles (ms) of the seconds, by latency from when each request was due. */
async function openLoop({ host, port }, rate, seconds) {
  const { depth } = OFFERED
  const words = `--rate ${rate} --depth ${depth} --connections ${CONNECTIONS}`
  const bot = await startLoadbot(host, port, words)
  await sleep(WARM_UP_MS)
  const p99s = []
  for (let second = 0; second < Math.max(3, seconds); second++) {
    await sleep(1000)
    p99s.push((await bot.p99()) / 1e6)
  }
  const { slipped } = await bot.report()
  await bot.stop()
  return { p99: quantile(p99s, 0.5), slipped }
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

async function compare(product, seconds) {
  await product.scaleLoadbots(0)
  await product.update('podium/web:v1')
  await product.scaleServers(1)
  const ways = await waysOf(product)
  const columns = ways.map(({ name }) => name.padStart(20)).join('')
  const go = async (way, work) => {
    if (way.mode) await product.proxyMode(way.mode)
    return work(way)
  }
  console.log(
    `\nrequests/s to one pod, ${CONNECTIONS} connections, ${seconds} s each; ratio to direct`,
  )
  console.log(`depth${columns}`)
  let slowest = Infinity
  for (const depth of DEPTHS) {
    const cells = []
    let direct
    for (const way of ways) {
      const { rate, failed } = await go(way, (to) => closedLoop(to, depth, seconds))
      direct ??= rate
      if (depth === OFFERED.depth) slowest = Math.min(slowest, rate)
      const words = `${thousands(rate)} ${(rate / direct).toFixed(2)}${failed ? ` failed ${failed}` : ''}`
      cells.push(words.padStart(20))
    }
    console.log(`${String(depth).padStart(5)}${cells.join('')}`)
  }
  const rate = Math.round(slowest * OFFERED.share)
  const cells = []
  for (const way of ways) {
    const { p99, slipped } = await go(way, (to) => openLoop(to, rate, seconds))
    cells.push(`${p99.toFixed(2)} ms${slipped ? ` slipped ${slipped}` : ''}`.padStart(20))
  }
  console.log(
    `\np99 at ${thousands(rate).trim()} requests/s offered to each (open loop, depth ${OFFERED.depth})`,
  )
  console.log(`     ${cells.join('')}`)
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
