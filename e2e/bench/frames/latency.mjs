// From the API's event to the pixel: when a plain HTTPS watch hears of a pod's new state, and when the page has drawn it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const RUN = fileURLToPath(new URL('../../../server/launch/run.mjs', import.meta.url))
const BOUND_MS = 180_000
const NEWS = ['placed', 'ready', 'stopping']

// One wall clock for both: what each process counts from its own start drifts apart.
const field = (text, name) => new RegExp(`${name}: *"?([^"\\s]+)`).exec(text)?.[1]

async function until(what, look) {
  const deadline = Date.now() + BOUND_MS
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > deadline) throw new Error(`not within ${BOUND_MS} ms: ${what}`)
    await sleep(50)
  }
}

/** The product with its demo, on free ports. */
export async function startProduct(args = []) {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'podium-bench-'))
  const all = ['--port', '0', '--api-port', '0', '--data-dir', dataDir, ...args]
  const child = spawn(process.execPath, [RUN, ...all], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text) => (said += text))
  await until('Podium is ready', () => {
    if (child.exitCode !== null) throw new Error(`Podium ended: ${said}`)
    return said.includes('Ready in')
  })
  const url = /https?:\/\/\S+\/\?token=\S+/.exec(said)[0]
  const { origin, searchParams } = new URL(url)
  const headers = {
    Authorization: `Bearer ${searchParams.get('token')}`,
    'Content-Type': 'application/json',
  }
  let version = 'v1'
  return {
    url,
    kubeconfig: readFileSync(path.join(dataDir, 'kubeconfig'), 'utf8'),
    async act(action) {
      const body = JSON.stringify(action)
      const answer = await fetch(`${origin}/api/actions`, { method: 'POST', headers, body })
      if (!answer.ok) throw new Error(await answer.text())
    },
    /** Begins an update to the other of the two good versions. */
    update() {
      version = version === 'v1' ? 'v2' : 'v1'
      return this.act({ type: 'update', version })
    },
    summary: async () => (await fetch(`${origin}/api/summary`, { headers })).json(),
    async stop() {
      child.kill('SIGINT')
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** What the stage shows of a pod: it has a tile once it has a node. */
function newsOf({ metadata, spec, status }) {
  const conditions = status?.conditions ?? []
  const isReady = conditions.some((each) => each.type === 'Ready' && each.status === 'True')
  return {
    placed: spec.nodeName !== undefined,
    ready: isReady && metadata.deletionTimestamp === undefined,
    stopping: metadata.deletionTimestamp !== undefined,
  }
}

/** Watches the server pods; `heard` gets `uid news` → when it was first heard. */
function watchPods(kubeconfig) {
  const heard = new Map()
  const request = https.get(
    `${field(kubeconfig, 'server')}/api/v1/namespaces/default/pods?watch=true&labelSelector=run%3Dnginx`,
    {
      ca: Buffer.from(field(kubeconfig, 'certificate-authority-data'), 'base64'),
      headers: { Authorization: `Bearer ${field(kubeconfig, 'token')}` },
    },
    (response) => {
      let rest = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        const at = Date.now()
        const lines = (rest + chunk).split('\n')
        rest = lines.pop()
        for (const line of lines.filter(Boolean)) {
          const { object } = JSON.parse(line)
          if (object.kind !== 'Pod') continue
          const news = newsOf(object)
          for (const each of NEWS) {
            const key = `${object.metadata.uid} ${each}`
            if (news[each] && !heard.has(key)) heard.set(key, at)
          }
        }
      })
    },
  )
  request.on('error', () => undefined)
  return { heard, stop: () => request.destroy() }
}

/**
 * In the page: when each tile was first shown in each state. Each frame that draws one also gets a word of its own whose
 * presentation the browser times (Element Timing), for canvases are not timed: that is when the frame reached the screen.
 */
function probe() {
  const shown = new Map()
  const waiting = new Map()
  let frames = 0
  window.podiumShown = shown
  new PerformanceObserver((list) => {
    const ofTimeOrigin = Date.now() - performance.now()
    for (const { identifier, renderTime } of list.getEntries()) {
      for (const key of waiting.get(identifier) ?? []) shown.set(key, renderTime + ofTimeOrigin)
      document.querySelector(`[elementtiming="${identifier}"]`)?.remove()
    }
  }).observe({ type: 'element', buffered: true })
  const stamp = () => {
    const word = document.createElement('p')
    frames += 1
    word.setAttribute('elementtiming', `frame-${frames}`)
    word.style.cssText = 'position:fixed;inset:0 auto auto 0;margin:0;font-size:4px;contain:content'
    word.textContent = '.'
    document.body.append(word)
    const keys = []
    waiting.set(`frame-${frames}`, keys)
    return keys
  }
  let keysOfFrame
  window.podiumProbe = (uid, state) => {
    const news = state === 'ready' || state === 'stopping' ? [state, 'placed'] : ['placed']
    const keys = news.map((each) => `${uid} ${each}`).filter((key) => !shown.has(key))
    if (keys.length === 0) return
    for (const key of keys) shown.set(key, Number.NaN)
    keysOfFrame ??= stamp()
    keysOfFrame.push(...keys)
    queueMicrotask(() => (keysOfFrame = undefined))
  }
}

/** Opens the stage with the probe in it. */
export async function openProbed(page, url) {
  await page.addInitScript(probe)
  await page.goto(url)
  await page.getByText('Live', { exact: true }).waitFor()
}

/** `updates` rolling updates of `replicas` pods; @returns ms from event to pixel, ascending */
export async function measureLatency(product, page, { replicas, updates }) {
  await product.act({ type: 'scale', target: 'servers', replicas })
  const isDone = async () => {
    const { pods } = await product.summary()
    return pods.ready === replicas && pods.starting + pods.pending + pods.stopping === 0
  }
  await until('all pods are ready', isDone)
  const watch = watchPods(product.kubeconfig)
  await until('the watch speaks', () => watch.heard.size > 0)
  await sleep(1_000)
  const known = new Set(watch.heard.keys())
  for (let at = 0; at < updates; at += 1) {
    await product.update()
    await sleep(1_000)
    await until('the update is done', isDone)
  }
  await sleep(500)
  watch.stop()
  const shown = new Map(await page.evaluate(() => [...window.podiumShown]))
  return [...watch.heard]
    .filter(([key]) => !known.has(key) && Number.isFinite(shown.get(key)))
    .map(([key, at]) => shown.get(key) - at)
    .sort((a, b) => a - b)
}
