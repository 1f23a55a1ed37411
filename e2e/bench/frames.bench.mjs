// How much the stage costs the browser, and how late it is.
//   node e2e/bench/frames.bench.mjs [--pods=100,1000,5000,30000] [--seconds=6] [--replicas=24] [--updates=4]
// Frames: a rolling update of all pods, fed by generated words instead of a cluster (no cluster of this machine makes 30,000
// pods in 20 s); script is counted by the thread's own clock. Latency and CPU: the product with its demo, real pods.
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { findBrowser } from '../tools/find-browser.mjs'
import { startGeneratedStage } from './frames/generated-stage.mjs'
import { measureLatency, openProbed, startProduct } from './frames/latency.mjs'
import { framesOf, quantile, trace } from './frames/trace.mjs'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const HALL = { width: 1920, height: 1080 }
const CPU_MS = 6_000

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '100,1000,5000,30000' },
    seconds: { type: 'string', default: '6' },
    replicas: { type: 'string', default: '24' },
    updates: { type: 'string', default: '4' },
  },
})
const seconds = Number(values.seconds)

const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(12)).join(''))
const ms = (value) => value.toFixed(1)

async function measureFrames(browser, count) {
  const stage = await startGeneratedStage(count)
  const context = await browser.newContext({ viewport: HALL, colorScheme: 'dark' })
  const page = await context.newPage()
  await page.goto(stage.url)
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(1_000)
  stage.update()
  await page.waitForTimeout(4_000)
  const bytes = stage.bytes()
  const {
    count: frames,
    took,
    script,
    scriptMs,
    spanMs,
  } = framesOf(await trace(page, seconds * 1000))
  const feed = (stage.bytes() - bytes) / seconds / 1000
  row([
    count,
    frames,
    ms(quantile(took, 0.5)),
    ms(quantile(took, 0.99)),
    ms(scriptMs / frames),
    ms(quantile(script, 0.5)),
    ms(quantile(script, 0.95)),
    ms(quantile(script, 0.99)),
    `${((scriptMs / spanMs) * 100).toFixed(0)} %`,
    `${feed.toFixed(0)} kB/s`,
  ])
  await context.close()
  await stage.close()
}

/** CPU time of all of the browser's processes, in s. */
async function cpuSeconds(browser) {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}

async function cores(browser, page) {
  const before = await cpuSeconds(browser)
  await page.waitForTimeout(CPU_MS)
  return (((await cpuSeconds(browser)) - before) / (CPU_MS / 1000)).toFixed(2)
}

async function measureProduct(browser) {
  const product = await startProduct()
  const page = await (await browser.newContext({ viewport: HALL, colorScheme: 'dark' })).newPage()
  try {
    await openProbed(page, product.url)
    await page.waitForTimeout(3_000)
    console.log(`cores the browser uses with the demo's load: ${await cores(browser, page)}`)
    const options = { replicas: Number(values.replicas), updates: Number(values.updates) }
    const loaded = await measureLatency(product, page, options)
    printLatency("event to pixel, with the demo's load", loaded)
    await product.act({ type: 'scale', target: 'loadbots', replicas: 0 })
    await page.waitForTimeout(3_000)
    console.log(`cores the browser uses without load: ${await cores(browser, page)}`)
    printLatency('event to pixel, without load', await measureLatency(product, page, options))
    await measureHidden(browser, page)
  } finally {
    await product.stop()
  }
}

/** The page lies behind another tab of its window. */
async function measureHidden(browser, page) {
  const other = await page.context().newPage()
  await other.bringToFront()
  const state = await page.evaluate(() => document.visibilityState)
  if (state === 'hidden') console.log(`cores of a hidden tab: ${await cores(browser, other)}`)
  else console.log('cores of a hidden tab: this browser hides no tab')
}

function printLatency(what, sorted) {
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((q) => quantile(sorted, q).toFixed(0))
  console.log(`${what}: p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms (${sorted.length} events)`)
}

const executablePath = findBrowser()
const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: FLAGS })
try {
  console.log('Rolling update of all pods, generated words, 1920x1080, no graphics card; ms')
  row(['pods', 'frames', 'p50', 'p99', 'script', 'p50', 'p95', 'p99', 'of thread', 'feed'])
  for (const count of values.pods.split(',').filter(Boolean).map(Number)) {
    await measureFrames(browser, count)
  }
  await measureProduct(browser)
} finally {
  await browser.close()
}
