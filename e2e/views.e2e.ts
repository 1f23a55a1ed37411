// The Cluster and Traffic views on a live cluster, and each scene: begun with one press, seen to happen, ended, and the
// cluster is as it was.
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, violations } from './browser.ts'
import { eventually, hasHaproxy, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const BOUND_MS = 60_000

let podium: Product
let browser: Browser
let page: Page
let errors: string[]
let before: string

/** Whatever a scene could leave behind. */
async function world(): Promise<string> {
  const names = await podium.kubectlOk(
    'get',
    'ns,deploy,rc,svc,ing,job,hpa,vpa,secret',
    '-A',
    '-o',
    'name',
  )
  const asked = await podium.kubectlOk(
    'get',
    'cm',
    'service-proxy',
    '-n',
    'kube-system',
    '-o',
    'json',
  )
  const annotation = 'jsonpath={.metadata.annotations.podium\\.dev/proxy-mode}'
  const mode = await podium.kubectlOk(
    'get',
    'lease',
    'service-proxy',
    '-n',
    'kube-system',
    '-o',
    annotation,
  )
  const { data } = JSON.parse(asked) as { data: unknown }
  return `${names}${JSON.stringify(data)} ${mode}`
}

beforeAll(async () => {
  const small = ['--nodes', '2', '--node-memory', '1Gi', '--autoscaler-speed', '10']
  podium = await startProduct(small)
  await podium.fetch('/api/actions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'load', perSecond: 2000 }),
  })
  before = await world()
  browser = await launchBrowser()
  ;({ page, errors } = await openPage(browser, podium.url))
  page.setDefaultTimeout(BOUND_MS)
  await page.getByText('Live', { exact: true }).waitFor()
})

afterAll(async () => {
  await browser?.close()
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const scene = (): Locator => page.getByRole('status', { name: 'Scene', exact: true })
const region = (name: string): Locator => page.getByRole('region', { name, exact: true })
const path = (): string => new URL(page.url()).pathname

async function start(title: string): Promise<void> {
  await page.getByRole('button', { name: 'Scenes', exact: true }).click()
  await page.getByRole('button', { name: `Start scene: ${title}` }).click()
  await scene().getByText(title).waitFor()
}

/** Ends the scene that is on; everything is as it was before. */
async function end(): Promise<void> {
  await scene().getByRole('button', { name: 'End' }).click()
  await scene().waitFor({ state: 'detached' })
  await eventually('the cluster is as it was', async () => (await world()) === before, BOUND_MS)
}

async function axeInBothThemes(): Promise<void> {
  expect((await violations(page)).join('\n')).toBe('')
  await page.keyboard.press('t')
  expect((await violations(page)).join('\n')).toBe('')
  await page.keyboard.press('t')
}

test('keys lead to the views, and axe finds nothing in either theme', async () => {
  await page.keyboard.press('2')
  await page.getByRole('main', { name: 'Cluster' }).waitFor()
  await page.getByRole('group', { name: /^node-1: \d+ pods? on [\d.]+ .iB, \d/ }).waitFor()
  await region('Autoscaler').getByText('There is none.').waitFor()
  await axeInBothThemes()
  await page.keyboard.press('3')
  await page.getByRole('main', { name: 'Traffic' }).waitFor()
  await page.getByRole('button', { name: 'Service nginx' }).waitFor()
  await page
    .getByRole('list', { name: 'Pods of Service nginx' })
    .getByRole('button')
    .first()
    .waitFor()
  await axeInBothThemes()
})

test('a bad release: the stage says what fails, ending it goes back, and nothing is lost', async () => {
  const image = 'jsonpath={.spec.template.spec.containers[0].image} {.spec.paused}'
  const running = await podium.kubectlOk('get', 'deployment', 'nginx', '-o', image)
  await start('Bad release')
  expect(path()).toBe('/')
  await scene().getByText('Paused by itself. Roll back, or end the scene.').waitFor()
  await page
    .getByText(/All 4 v\d pods still serve/)
    .first()
    .waitFor()
  await end()
  expect(await podium.kubectlOk('get', 'deployment', 'nginx', '-o', image)).toBe(running)
  await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
  await podium.noneFailed()
})

test('fan-out: rates by path as measured, the missing Service in words, both controllers', async () => {
  await start('Ingress fan-out')
  expect(path()).toBe('/traffic')
  const flow = region('From senders to pods')
  await flow.getByRole('heading', { name: 'api.example.com' }).first().waitFor()
  // Once by the built-in controller, and once by HAProxy where it is installed.
  const serving = flow.getByRole('region', { name: 'Ingress controllers' })
  const controllers = hasHaproxy ? 2 : 1
  for (const path of ['foo', 'bar']) {
    const rate = new RegExp(`^\\/${path}[1-9]\\d*(\\.\\d+)?k?\\/s$`)
    await flow
      .getByText(rate)
      .nth(controllers - 1)
      .waitFor()
  }
  await flow.getByText('does not exist').waitFor()
  await serving.getByText('serves', { exact: true }).first().waitFor()
  await flow.getByRole('list', { name: 'Pods of Service foo' }).getByRole('button').nth(3).waitFor()
  expect(await violations(page)).toEqual([])
  await end()
})

test('proxies: the same load through both, whom the pod saw, and the mode is back', async () => {
  const button = page.getByRole('button', { name: 'Compare the proxies' })
  if ((await button.getAttribute('aria-disabled')) === 'true') {
    await button.focus()
    await page.getByRole('tooltip').filter({ hasText: 'kernel rules' }).waitFor()
    return
  }
  await button.click()
  await scene().getByText('Compare the proxies').waitFor()
  const compared = region('Service proxies compared')
  for (const mode of ['iptables', 'userspace']) {
    await compared.getByRole('img', { name: new RegExp(`^${mode}: p50 \\d.* p99 \\d`) }).waitFor()
  }
  await compared.getByText(/2,000 requests a second offered for 5 s each.*, 0 failed/).waitFor()
  await region('Proxy mode').getByText('preserved').waitFor()
  await region('Proxy mode').getByText('the proxy’s own').waitFor()
  await scene().waitFor({ state: 'detached' })
  await eventually('the cluster is as it was', async () => (await world()) === before, BOUND_MS)
})

test('memory: one pod is killed at its limit, BestEffort pods are evicted, and it is said where', async () => {
  await start('Memory hogs')
  expect(path()).toBe('/cluster')
  const node = (words: RegExp): Locator => page.getByRole('group', { name: words })
  await node(/^node-\d: .*OOMKilled cache hit its \d+ MiB limit/).waitFor()
  await node(/^node-\d: .*Evicted report-\d, BestEffort/).waitFor()
  await node(/^node-\d: .*MemoryPressure/).waitFor()
  const evicted = await podium.kubectlOk(
    'get',
    'events',
    '-n',
    'scene-memory',
    '--field-selector',
    'reason=Evicted',
  )
  expect(evicted).toContain('pod/report-')
  expect(await violations(page)).toEqual([])
  await end()
})

test('a scene found by its name: the job paints its picture', async () => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('mandelbrot job')
  await page.keyboard.press('Enter')
  await scene().getByText('Mandelbrot job').waitFor()
  const job = region('Job')
  await job.getByText('of 20 completions').waitFor()
  await job.getByRole('img', { name: /^The Mandelbrot set, \d+ % painted$/ }).waitFor()
  await job.getByRole('img', { name: /^\d+ done, \d running, \d+ queued, 0 failed$/ }).waitFor()
  expect(await violations(page)).toEqual([])
  await end()
})

test('vertical: what pods ask for beside what is recommended, and they come back with it', async () => {
  await start('Vertical autoscaling')
  const card = region('Autoscaler')
  await card.getByRole('heading', { name: 'Autoscaler thumbnails' }).waitFor()
  await card.getByRole('img', { name: /^CPU: pods ask for \d+m, \d+m is recommended, / }).waitFor()
  await card.getByText(/^max\(p90 × 1\.15, 25m\) = \d+m$/).waitFor()
  await scene().getByText('All 2 pods ask for what they use.').waitFor()
  await card.getByText('All pods ask for an amount within its bounds.').waitFor()
  expect(await violations(page)).toEqual([])
  await end()
})

test('autoscaling: the sum with its numbers, and what comes of it', async () => {
  await start('Autoscaling under load')
  const card = region('Autoscaler')
  await card.getByRole('heading', { name: 'Autoscaler shop' }).waitFor()
  await card.getByText(/^ceil\(\d × \d+ \/ 60\) = \d+$/).waitFor()
  await eventually('it was scaled', async () => {
    const words = await card.locator('b').allTextContents()
    return Number(words[1]) > 1
  })
  await end()
  expect(errors).toEqual([])
})
