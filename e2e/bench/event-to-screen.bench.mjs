// From an API event to the browser: when a pod's change arrives on a watch, and when the page shows it. One clock, one run.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  AppsV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node'
import { chromium } from 'playwright-core'
import { findBrowser } from '../tools/browser-install.mjs'

const ROUNDS = 10
const RUN = fileURLToPath(new URL('../../server/launch/run.mjs', import.meta.url))
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync']
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'podium-bench-'))
const args = ['--port', '0', '--api-port', '0', '--data-dir', dataDir]
const podium = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
const url = await new Promise((resolve) => {
  let text = ''
  podium.stdout.on('data', (chunk) => {
    text += chunk
    if (text.includes('Ready in')) resolve(/http\S+token=\S+/.exec(text)[0])
  })
})

const browser = await chromium.launch({ executablePath: findBrowser(), args: FLAGS })
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
await page.goto(url)
await page.getByText('Live', { exact: true }).waitFor()
await page.evaluate(() => {
  // The mirror of the canvas says each pod as `name, version, state, node`.
  globalThis.shownAt = {}
  const note = () => {
    for (const item of document.querySelectorAll('li')) {
      const [name, , state] = (item.textContent ?? '').split(', ')
      if (state) globalThis.shownAt[`${name} ${state}`] ??= Date.now()
    }
  }
  new MutationObserver(note).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
  })
})

const config = new KubeConfig()
config.loadFromFile(path.join(dataDir, 'kubeconfig'))
const heardAt = new Map()
const isReady = (pod) =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
const watching = await new Watch(config).watch(
  '/api/v1/namespaces/default/pods',
  { labelSelector: 'run=nginx' },
  (_, pod) => {
    const key = `${pod.metadata.name} ready`
    if (isReady(pod) && !pod.metadata.deletionTimestamp && !heardAt.has(key))
      heardAt.set(key, Date.now())
  },
  () => undefined,
)
await pause(1000)
const known = new Set(heardAt.keys())
const apps = config.makeApiClient(AppsV1Api)
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
for (let round = 0; round < ROUNDS; round++) {
  for (const replicas of [8, 4]) {
    await apps.patchNamespacedDeployment(
      { name: 'nginx', namespace: 'default', body: { spec: { replicas } } },
      merge,
    )
    await pause(2500)
  }
}
const shownAt = await page.evaluate(() => globalThis.shownAt)
const delays = [...heardAt]
  .filter(([key]) => !known.has(key) && shownAt[key])
  .map(([key, at]) => shownAt[key] - at)
  .sort((a, b) => a - b)
const at = (share) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))]
console.log(
  `\nFrom a pod's Ready event on an API watch to its tile in the page (${delays.length} pods, under the demo's load)`,
)
console.log(`  p50 ${at(0.5)} ms   p90 ${at(0.9)} ms   p99 ${at(0.99)} ms   (goal: 200 ms)`)

watching.abort()
await browser.close()
podium.kill('SIGINT')
await new Promise((resolve) => podium.on('exit', resolve))
rmSync(dataDir, { recursive: true, force: true })
