// Looking into things: by click, by name, by keyboard; why, logs, YAML, one request's way, and why requests failed.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FailureReport, TraceView } from '../shared/stage.ts'
import { launchBrowser, openPage, violations } from './browser.ts'
import { eventually, processesOf, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
let browser: Browser
let page: Page
let errors: string[]

beforeAll(async () => {
  podium = await startProduct()
  browser = await launchBrowser()
  ;({ page, errors } = await openPage(browser, podium.url))
  await page.getByText('Live', { exact: true }).waitFor()
})

afterAll(async () => {
  await browser?.close()
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

async function aServer(): Promise<string> {
  const names = await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', 'name')
  return names.split('\n')[0]?.replace('pod/', '') ?? ''
}

async function find(text: string): Promise<void> {
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: /^Find/ })
  await field.fill(text)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
}

test('the door: the API as it is, with the token only', async () => {
  expect((await fetch(`${podium.origin}/k8s/api/v1/pods`)).status).toBe(401)
  const foreign = { headers: { Origin: 'http://evil.example' } }
  expect((await podium.fetch('/k8s/api/v1/pods', foreign)).status).toBe(403)
  const missing = await podium.fetch('/k8s/api/v1/namespaces/default/pods/nobody')
  expect(missing.status).toBe(404)
  expect(await missing.json()).toMatchObject({ kind: 'Status', reason: 'NotFound' })
  const ending = new AbortController()
  const path = '/k8s/api/v1/namespaces/default/configmaps?watch=true'
  const watch = await podium.fetch(path, { signal: ending.signal })
  await podium.kubectlOk('create', 'configmap', 'seen-through-the-door')
  const reader = watch.body!.getReader()
  await eventually('the watch says so', async () => {
    const { value } = await reader.read()
    return new TextDecoder().decode(value).includes('seen-through-the-door')
  })
  ending.abort()
})

test('a pod is found by name: why it is where it is, its log, its events, its YAML', async () => {
  const name = await aServer()
  await find(name)
  const panel = page.getByRole('complementary', { name: `Pod ${name}` })
  await panel.getByRole('heading', { name: /^It is on node-/ }).waitFor()
  await panel.getByText(/^Service nginx sends it one of \d+ new connections/).waitFor()
  await panel.getByText(/^It is ready/).waitFor()
  expect(await violations(page, 'aside')).toEqual([])
  await panel.getByRole('tab', { name: 'Logs' }).click()
  await panel
    .getByRole('log', { name: 'Log' })
    .getByText(/listens on/)
    .waitFor()
  await panel.getByRole('searchbox', { name: 'Find in the log' }).fill('no such words')
  await panel.getByText('0 lines').waitFor()
  expect(await violations(page, 'aside')).toEqual([])
  await panel.getByRole('tab', { name: 'Events' }).click()
  await panel.getByText(/Successfully assigned/).waitFor()
  await panel.getByRole('tab', { name: 'YAML' }).click()
  await panel.getByText(`name: ${name}`).first().waitFor()
  await panel.getByText('Against last applied').click()
  await panel.getByText(/Nobody applied it from a file/).waitFor()
  expect(await violations(page, 'aside')).toEqual([])
})

test('it is no modal: keys of the stage work, Escape closes, the focus returns', async () => {
  await page.keyboard.press('Escape')
  await page.getByRole('complementary').waitFor({ state: 'detached' })
  expect(page.url()).not.toContain('inspect')
  const update = page.getByRole('button', { name: /^Update to/ })
  await update.focus()
  await find('node-2')
  await page.getByRole('complementary', { name: 'Node node-2' }).waitFor()
  await page.keyboard.press('v')
  await page.getByRole('button', { name: 'Update to v3' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('complementary').waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Update to'))
})

test('a terminal in a pod: what is typed runs there, and nothing of it is left', async () => {
  const name = await aServer()
  const before = processesOf(podium.dataDir).length
  await find(name)
  const panel = page.getByRole('complementary', { name: `Pod ${name}` })
  await panel.getByRole('tab', { name: 'Terminal' }).click()
  const screen = panel.getByRole('group', { name: 'Terminal of nginx' })
  await panel.getByText('Connected.', { exact: true }).waitFor()
  await panel.getByText(`kubectl exec ${name} -c nginx -i -t -- sh`).waitFor()
  // It has the focus: nothing that is typed is a key of the stage.
  await page.keyboard.type('echo $((6*7)) $POD_NAME; printf "\\033[38;2;255;99;9mred\\033[0m\\n"\n')
  await screen.getByText(`42 ${name}`).waitFor()
  const red = screen.locator('span').getByText('red', { exact: true })
  // Colours of a program's own are inline styles to xterm.js, which the page's policy forbids.
  expect(await red.evaluate((span) => getComputedStyle(span).color)).toBe('rgb(255, 99, 9)')
  await page.keyboard.type('stty size\n')
  await screen.getByText(/^\d+ \d+\s*$/).waitFor()
  await panel.getByRole('checkbox', { name: 'Screen reader' }).check()
  expect(await violations(page, 'aside')).toEqual([])
  await page.keyboard.press('t')
  expect(await violations(page, 'aside')).toEqual([])
  await page.keyboard.press('t')
  await screen.click()
  // Escape is the shell's, Shift+Tab leaves.
  await page.keyboard.press('Escape')
  await panel.waitFor()
  await page.keyboard.type('sleep 5000 &\nexit 3\n')
  await panel.getByText('It ended with exit code 3.').waitFor()
  await panel.getByRole('button', { name: 'Start again' }).click()
  await panel.getByText('Connected.', { exact: true }).waitFor()
  await page.keyboard.type('sleep 5000\n')
  await eventually('sleeps', () => processesOf(podium.dataDir).length > before + 1)
  await page.keyboard.press('Shift+Tab')
  await page.waitForFunction(() => !document.activeElement?.matches('textarea'))
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await eventually('nothing is left', () => processesOf(podium.dataDir).length === before)
  expect(errors).toEqual([])
})

test('a shell of its own is run from the palette, talked to, and deleted afterwards', async () => {
  await find('kubectl run shell')
  const panel = page.getByRole('complementary', { name: 'Pod shell' })
  await panel.getByText('kubectl attach shell -c shell -i -t').waitFor()
  await panel.getByText(/^Connected\./).waitFor()
  await page.keyboard.type('\necho from $POD_NAME $((6*7))\n')
  const screen = panel.getByRole('group', { name: 'Terminal of shell' })
  await screen.getByText('from shell 42').waitFor()
  // Where pods have a file system of their own, any program finds the cluster's names.
  const own = ['-l', 'podium.dev/pod-files=own', '-o', 'name']
  if ((await podium.kubectlOk('get', 'nodes', ...own)).trim() !== '') {
    await page.keyboard.type('getent hosts nginx\n')
    await screen.getByText('nginx.default.svc.cluster.local').first().waitFor()
  }
  await page.keyboard.type('exit\n')
  await panel.getByText('It ended with exit code 0.').waitFor()
  expect(await violations(page, 'aside')).toEqual([])
  await panel.getByRole('button', { name: 'Delete the pod' }).click()
  await panel.getByText('It is gone. This is how it was last.').waitFor()
  expect(await podium.kubectlOk('get', 'pods', '-l', 'run=shell', '-o', 'name')).toBe('')
  await panel.getByRole('button', { name: 'Close' }).click()
  await panel.waitFor({ state: 'detached' })
})

test('a pod that waits says what the nodes say', async () => {
  await podium.kubectlOk('run', 'giant', '--image=podium/web:v1', '--overrides', HUGE)
  await find('giant')
  const panel = page.getByRole('complementary', { name: 'Pod giant' })
  await panel.getByRole('heading', { name: 'It waits: no node takes it now.' }).waitFor()
  const said = panel.getByRole('list', { name: 'What the nodes say' })
  await said.getByText(/Insufficient cpu/).waitFor()
  await panel.getByRole('tab', { name: 'Terminal' }).click()
  await panel.getByText('It waits for a node; there is no process yet.').waitFor()
  await podium.kubectlOk('delete', 'pod', 'giant')
  await panel.getByText('It is gone. This is how it was last.').waitFor()
  await page.keyboard.press('Escape')
})

const HUGE = JSON.stringify({
  spec: {
    containers: [
      { name: 'giant', image: 'podium/web:v1', resources: { requests: { cpu: '9000' } } },
    ],
  },
})

test('one request is followed from the loadbot to the reply', async () => {
  const trace = (await (await podium.fetch('/api/trace', { method: 'POST' })).json()) as TraceView
  expect(trace).toMatchObject({ status: 200, service: 'nginx', version: 'v1' })
  expect(trace.connectMs).toBeLessThanOrEqual(trace.firstByteMs)
  expect(trace.firstByteMs).toBeLessThanOrEqual(trace.totalMs)
  expect(trace.rule?.target).toBe(trace.podAddress)
  // The kernel leaves the sender's address alone, the proxy process puts its own in its place.
  expect(trace.seenFrom === trace.from).toBe(trace.mode === 'iptables')
  await find('Service nginx')
  const panel = page.getByRole('complementary', { name: 'Service nginx' })
  const endpoints = panel.getByRole('region', { name: 'Endpoints' })
  await endpoints
    .getByRole('button', { name: /^nginx-/ })
    .first()
    .waitFor()
  await panel.getByRole('button', { name: 'Trace one request' }).click()
  const way = panel.getByRole('list', { name: 'Its way' })
  await way.getByRole('heading', { name: 'Reply 200' }).waitFor()
  expect(await way.getByRole('listitem').count()).toBe(5)
  expect(await violations(page, 'aside')).toEqual([])
  await page.keyboard.press('Escape')
})

test('requests that fail are told with their pod and what it was', async () => {
  await page.getByTitle('Why requests failed').click()
  const panel = page.getByRole('complementary', { name: 'Failed requests' })
  await panel.waitFor()
  const report = await eventually('a killed pod cuts requests off', async () => {
    const name = await aServer()
    await podium.kubectlOk('delete', 'pod', name, '--grace-period=0', '--force')
    const said = (await (await podium.fetch('/api/failures')).json()) as FailureReport
    return said.groups.some(({ pod }) => pod !== null) && said
  })
  const counted = Object.values(report.byCause).reduce((sum, count) => sum + count, 0)
  const told = report.groups.reduce((sum, { count }) => sum + count, 0)
  expect(told + report.untold).toBeGreaterThanOrEqual(counted)
  const group = report.groups.find(({ pod }) => pod !== null)
  expect(group?.phaseAtConnect).not.toBe('gone')
  await panel
    .getByText(/^It was (ready|draining|gone|broken) at that moment/)
    .first()
    .waitFor()
  expect(await violations(page, 'aside')).toEqual([])
  await page.keyboard.press('t')
  expect(await violations(page, 'aside')).toEqual([])
  expect(errors).toEqual([])
})
