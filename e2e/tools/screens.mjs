// `npm run screens`: the pictures of the README, taken from the live product in a directory of its own.
// Nothing in them is staged but the commands: 24 nginx, 4 loadbots, an update under way, and a release that fails.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { installIfMissing } from '../../server/launch/install.mjs'

installIfMissing()
const { buildAll, root } = await import('../../server/launch/build.mjs')
const { chromium } = await import('playwright-core')
const { findBrowser } = await import('./find-browser.mjs')
const { installBrowserIfMissing } = await import('./machine-install.mjs')

const SERVERS = 24
const LOADBOTS = 4
/** Before the first picture the chart gets a minute to show. */
const MINUTE_MS = 62_000
/** Long enough for a theme or a size to be on the screen, short against an update. */
const SETTLE_MS = 900
const BOUND_MS = 120_000
const ATTEMPTS = 3
/** The step of the script that is shown: the last before version 2 is shipped. */
const CUE = 7
/** Long enough for an update at full load to be over, and on the chart. */
const AFTER_UPDATE_MS = 18_000
/** Long enough for a scene's load to flow. */
const SCENE_MS = 12_000
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const QUALITY = 84
/** What four loadbots send with ease beside a browser that takes pictures, per second in all. */
const LOAD = 10_000
const HALL = { width: 1920, height: 1080 }
const folder = path.join(root, 'e2e/screens')

/** The product on free ports. */
async function startProduct(dataDir, args) {
  const run = path.join(root, 'server/launch/run.mjs')
  const all = [run, '--port', '0', '--api-port', '0', '--data-dir', dataDir, ...args]
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text) => (said += text))
  while (!said.includes('Ready in')) await once(child.stdout, 'data')
  const url = /https?:\/\/\S+\/\?token=\S+/.exec(said)[0]
  const { origin, searchParams } = new URL(url)
  const headers = {
    Authorization: `Bearer ${searchParams.get('token')}`,
    'Content-Type': 'application/json',
  }
  const post = async (path, asked) => {
    const body = JSON.stringify(asked)
    const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(await answer.text())
  }
  return {
    url,
    /** The version that was updated to last. */
    running: 'v1',
    act: (action) => post('/api/actions', action),
    cue: (request) => post('/api/cue', request),
    /** Stops the process where it stands, or lets it go on. */
    freeze: (isFrozen) => child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    async stop() {
      child.kill('SIGINT')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** How many tiles are ready in that version. */
async function readyIn(page, version) {
  const lines = await page
    .getByRole('list', { name: /^Pods on / })
    .getByRole('listitem')
    .allTextContents()
  return lines.filter((line) => line.includes(`, ${version}, ready,`)).length
}

async function until(what, look) {
  const deadline = Date.now() + BOUND_MS
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`not within ${BOUND_MS} ms: ${what}`)
    await sleep(100)
  }
}

/** As WebP, which is a quarter of a PNG where light flies about. */
async function take(page, name) {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
  })
  await session.detach()
  const picture = Buffer.from(data, 'base64')
  writeFileSync(path.join(folder, name), picture)
  console.log(`${name} ${Math.round(picture.length / 1024)} kB`)
}

async function open(browser, url, options) {
  const context = await browser.newContext({ colorScheme: 'dark', ...options })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

const updated = (page, version) =>
  until(`all run ${version}`, async () => (await readyIn(page, version)) === SERVERS)

/** A picture of an update half way. On a busy machine it may come too late; then the next update is taken. */
async function takeUpdate(product, page, name) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const version = product.running === 'v1' ? 'v2' : 'v1'
    await product.act({ type: 'update', version })
    product.running = version
    await until('a third is updated', async () => (await readyIn(page, version)) >= SERVERS / 3)
    await take(page, name)
    const isInTime = (await readyIn(page, version)) < SERVERS
    await updated(page, version)
    if (isInTime) return
  }
  console.log(`${name} is not of an update under way: this machine is too busy.`)
}

async function takeUpdates(product, page) {
  await page.screenshot() // The first one of a page is slow.
  await takeUpdate(product, page, 'stage-dark.webp')
  await page.keyboard.press('t')
  await sleep(SETTLE_MS)
  await takeUpdate(product, page, 'stage-light.webp')
  await page.keyboard.press('t')
  await page.setViewportSize({ width: 1280, height: 720 })
  await sleep(SETTLE_MS)
  await takeUpdate(product, page, 'stage-1280.webp')
  await page.setViewportSize(HALL)
  await product.act({ type: 'update', version: 'v2' }).catch(() => undefined) // It may run already.
  await updated(page, 'v2')
}

/** What is not there on a good day: a process in the way, a lost node, everything that happened, a stage that says nothing. */
async function takeOdds(product, page) {
  await product.act({ type: 'proxyMode', mode: 'userspace' })
  await page.getByText('userspace', { exact: true }).first().waitFor()
  await sleep(SETTLE_MS * 6)
  await take(page, 'stage-userspace.webp')
  await product.act({ type: 'proxyMode', mode: 'iptables' }).catch(() => undefined) // Not every machine may.
  await product.act({ type: 'failNode', node: 'node-4' })
  await page.getByRole('region', { name: 'node-4 (not ready)' }).waitFor({
    state: 'attached',
    timeout: BOUND_MS,
  })
  await sleep(SETTLE_MS)
  await take(page, 'stage-node-lost.webp')
  await product.act({ type: 'restoreNode', node: 'node-4' })
  await page.keyboard.press('e')
  await sleep(SETTLE_MS)
  await take(page, 'stage-events.webp')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await sleep(SETTLE_MS)
  await take(page, 'stage-keys.webp')
  await page.keyboard.press('Escape')
  product.freeze(true)
  await page.getByText(/ s old$/).waitFor({ timeout: BOUND_MS })
  await sleep(SETTLE_MS * 3)
  await take(page, 'stage-stale.webp')
  product.freeze(false)
  await page.getByText('Live', { exact: true }).waitFor({ timeout: BOUND_MS })
}

/** What was a while ago: half of an update that is over. */
async function takePast(page) {
  await page.keyboard.press(',')
  await page.getByRole('button', { name: /^Replay/ }).waitFor()
  await sleep(SETTLE_MS)
  await take(page, 'stage-past.webp')
  await page.keyboard.press('l')
  await page.getByText('Live', { exact: true }).waitFor()
}

/** Looking into things: a pod found by its name, its log, one request followed, and why requests failed. */
async function takeInspector(page) {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('nginx')
  await page.getByRole('option').first().waitFor()
  await sleep(SETTLE_MS)
  await take(page, 'palette.webp')
  await page.keyboard.type('-')
  await sleep(SETTLE_MS)
  await page.keyboard.press('Enter')
  await page.getByRole('tab', { name: 'Overview' }).waitFor()
  await sleep(SETTLE_MS)
  await take(page, 'inspector.webp')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Service nginx/ }).click()
  await page.getByRole('button', { name: 'Trace one request' }).click()
  await sleep(SETTLE_MS * 2)
  await take(page, 'trace.webp')
  await page.keyboard.press('Escape')
  await page.getByTitle('Why requests failed').click()
  await sleep(SETTLE_MS)
  await take(page, 'autopsy.webp')
  await page.keyboard.press('Escape')
}

const sceneOf = (page) => page.getByRole('status', { name: 'Scene', exact: true })

/** The other views, each with the scene that has the most to show there. */
async function takeViews(product, page) {
  await product.act({ type: 'startScene', scene: 'fanOut' })
  await page.keyboard.press('3')
  await page.getByRole('list', { name: 'Pods of Service foo' }).waitFor({ timeout: BOUND_MS })
  await sleep(SCENE_MS)
  await take(page, 'traffic.webp')
  await product.act({ type: 'endScene', scene: 'fanOut' })
  await sceneOf(page).waitFor({ state: 'detached', timeout: BOUND_MS })
  await product.act({ type: 'startScene', scene: 'memory' })
  await page.keyboard.press('2')
  await page
    .getByRole('group', { name: /Evicted report-\d, BestEffort/ })
    .waitFor({ timeout: BOUND_MS })
  await sleep(SETTLE_MS)
  await take(page, 'cluster.webp')
  await product.act({ type: 'endScene', scene: 'memory' })
  await sceneOf(page).waitFor({ state: 'detached', timeout: BOUND_MS })
  await page.keyboard.press('5')
  await page.getByRole('row').nth(5).waitFor()
  await sleep(SETTLE_MS)
  await take(page, 'workloads.webp')
  await page.keyboard.press('1')
}

/** The show from where it is given: the acts, the notes, what the next press does. */
async function takePresenter(product, page) {
  await product.act({ type: 'strategy', maxSurge: 2, maxUnavailable: 0 })
  await product.cue({ cue: CUE, run: false })
  await page.keyboard.press('4')
  await page.getByRole('region', { name: 'Next' }).waitFor()
  await sleep(SETTLE_MS)
  await take(page, 'presenter.webp')
  await product.cue({ cue: null, run: false })
  await page.keyboard.press('1')
}

/** All that the machine has, with Podium's own server, and an update in the middle of it. */
async function takeFullLoad(product, browser) {
  const page = await open(browser, product.url, { viewport: HALL })
  const button = page.getByRole('button', { name: /^Full load [\d.]+[kM]/ })
  await button.waitFor({ timeout: BOUND_MS })
  await page.keyboard.press('g')
  await sleep(MINUTE_MS)
  await product.act({ type: 'update', version: 'v2' })
  await sleep(AFTER_UPDATE_MS)
  await take(page, 'stage-full.webp')
}

async function takeAll(product, browser) {
  const page = await open(browser, product.url, { viewport: HALL })
  await product.act({ type: 'scale', target: 'servers', replicas: SERVERS })
  await product.act({ type: 'scale', target: 'loadbots', replicas: LOADBOTS })
  await product.act({ type: 'strategy', maxSurge: 2, maxUnavailable: 0 })
  await product.act({ type: 'load', perSecond: LOAD })
  await updated(page, 'v1')
  await sleep(MINUTE_MS)
  await takeUpdates(product, page)
  await product.act({ type: 'update', version: 'v3' })
  const banner = page.getByRole('region', { name: 'Update does not go on' })
  await banner.waitFor({ timeout: BOUND_MS })
  await sleep(SETTLE_MS * 4)
  await take(page, 'stage-stuck.webp')
  await product.act({ type: 'rollBack' })
  await updated(page, 'v2')
  await takePast(page)
  await takeOdds(product, page)
  await takeInspector(page)
  await takeViews(product, page)
  await takePresenter(product, page)
  const phone = await open(browser, product.url, {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
  })
  await sleep(SETTLE_MS * 4)
  await take(phone, 'phone.webp')
}

await buildAll((name, ms) => console.log(`Built the ${name} in ${ms} ms`))
installBrowserIfMissing()
mkdirSync(folder, { recursive: true })
const executablePath = findBrowser()
const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: FLAGS })

/** Takes pictures of a product started with `args`. */
async function onProduct(args, pictures) {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'podium-screens-'))
  const product = await startProduct(dataDir, args)
  try {
    await pictures(product, browser)
  } finally {
    await product.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

try {
  if (!process.argv.includes('--full-only')) await onProduct(['--node-memory', '1Gi'], takeAll)
  await onProduct(['--nginx', 'builtin'], takeFullLoad)
} finally {
  await browser.close()
}
