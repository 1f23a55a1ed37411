// Every control of the stage, by its role and name, as a presenter uses them: what it does, what it says when it cannot,
// and what the stage looks like while nobody answers.
import type { Browser, CDPSession, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, violations } from './browser.ts'
import { eventually, makeDirectory, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const BOUND_MS = 30_000
/** Room for a minute's measurements and events. */
const MOST_GROWN = 3 * 2 ** 20

let podium: Product
let browser: Browser
let page: Page
const dataDir = makeDirectory()

beforeAll(async () => {
  podium = await startProduct([], dataDir)
  browser = await launchBrowser()
  ;({ page } = await openPage(browser, podium.url))
  page.setDefaultTimeout(BOUND_MS)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByRole('heading', { name: 'node-1' }).waitFor()
})

afterAll(async () => {
  await browser?.close()
  await podium?.stop()
  removeDirectory(dataDir)
})

const group = (name: string): Locator => page.getByRole('group', { name, exact: true })
const press = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click()
const command = (line: string): Promise<void> =>
  page.getByRole('button', { name: `Copy command: ${line}` }).waitFor()
const inspected = (): string | null => new URL(page.url()).searchParams.get('inspect')

test('steppers and sliders ask for replicas, and show at once what was asked for', async () => {
  const loadbots = group('Loadbots').first()
  await press('Fewer: Loadbots')
  expect(await loadbots.getByRole('status').first().textContent()).toBe('1')
  await command('kubectl scale rc loadbot --replicas=1')
  await page.getByRole('slider', { name: 'nginx replicas' }).focus()
  await page.keyboard.press('Home')
  await command('kubectl scale deployment nginx --replicas=0')
  await page.getByText('0 of 0').first().waitFor()
  await page.keyboard.press('Shift+Equal')
  await command('kubectl scale deployment nginx --replicas=10')
  await eventually('ten are ready', async () => (await podium.summary()).pods.ready === 10)
})

test('an update is chosen, begun, paused, resumed and rolled back', async () => {
  await page.getByRole('radio', { name: 'v2' }).check({ force: true })
  await press(/^Update to v2/)
  await command('kubectl set image deployment/nginx nginx=nginx:v2')
  await press(/^Pause/)
  await command('kubectl rollout pause deployment/nginx')
  const banner = page.getByRole('region', { name: 'Update does not go on' })
  await banner.getByRole('button', { name: /^Resume/ }).click()
  await command('kubectl rollout resume deployment/nginx')
  await eventually('v2 answers', async () =>
    Object.keys((await podium.summary()).byVersion).includes('v2'),
  )
  await press(/^Roll back/)
  await command('kubectl rollout undo deployment/nginx')
})

test('a control that cannot act says why and does nothing', async () => {
  const resume = page.getByRole('button', { name: 'Fewer: Max unavailable' })
  expect(await resume.getAttribute('aria-disabled')).toBe('true')
  await resume.focus()
  await page.getByRole('tooltip').filter({ hasText: 'It is 0 already.' }).waitFor()
  const full = page.getByRole('button', { name: /^Full load/ })
  const isOpen = (await full.getAttribute('aria-disabled')) !== 'true'
  const reason = await full.getAttribute('aria-describedby')
  expect(isOpen || reason !== null).toBe(true)
})

test('chaos: a pod is killed, a node fails and comes back', async () => {
  await press(/^Kill pod/)
  await page.getByRole('button', { name: /^Copy command: kubectl delete pod nginx-/ }).waitFor()
  await press(/^Fail node-4/)
  const restore = page.getByRole('button', { name: /^Restore node-4/ })
  await restore.waitFor()
  await page.getByText('failed', { exact: true }).first().waitFor()
  await restore.click()
  await page.getByRole('button', { name: /^Fail node-4/ }).waitFor()
})

test('what is typed with kubectl elsewhere is captioned, and said to be typed', async () => {
  const typed = async (args: string, line = `kubectl ${args}`): Promise<void> => {
    await podium.kubectlOk(...args.split(' '))
    await command(line)
    await page.getByText('typed with kubectl').waitFor()
  }
  const path = 'jsonpath={.spec.template.spec.containers[0].image}'
  const image = await podium.kubectlOk('get', 'deployment', 'nginx', '-o', path)
  await typed('scale deployment nginx --replicas=9')
  await typed(`set image deployment/nginx nginx=nginx:${image.endsWith('v1') ? 'v2' : 'v1'}`)
  await typed('rollout undo deployment/nginx')
  await typed('rollout pause deployment/nginx')
  await typed('rollout resume deployment/nginx')
  for (const name of ['one', 'two']) await podium.kubectlOk('create', 'configmap', name)
  await typed('delete configmap one two')
  await typed('cordon node-3')
  await typed('uncordon node-3')
  const shares = '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":2,"maxUnavailable":0}}}}'
  await typed(
    `patch deployment nginx -p ${shares}`,
    `kubectl patch deployment nginx -p '${shares}'`,
  )
})

test('all events are a key away, and found by their words', async () => {
  await page.keyboard.press('e')
  const drawer = page.getByRole('complementary', { name: 'Events' })
  const lines = drawer.getByRole('listitem')
  await lines.first().waitFor()
  const all = await lines.count()
  await drawer.getByRole('searchbox', { name: 'Find' }).fill('scaled up')
  await eventually('only what says so is listed', async () => {
    const words = await lines.allTextContents()
    return words.length > 0 && words.length < all && words.every((line) => /scaled up/i.test(line))
  })
  await drawer.getByRole('searchbox', { name: 'Find' }).fill('no event says this')
  await drawer.getByText('No event says that.').waitFor()
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
})

test('what stands on the stage is looked into by pointer and by keyboard', async () => {
  await page.getByRole('button', { name: 'node-1', exact: true }).click()
  await eventually('the address names the node', () => inspected() === 'nodes/node-1')
  await page.goBack()
  await eventually('Back closes it', () => inspected() === null)
  const pod = page.getByRole('list', { name: 'Pods on node-1' }).getByRole('button').first()
  const name = (await pod.textContent())!.split(',')[0]!
  await pod.focus()
  await page.keyboard.press('Enter')
  await eventually('the address names the pod', () => inspected() === `pods/default/${name}`)
  await page.goBack()
  const flow = page.getByRole('region', { name: 'Traffic and pods' })
  const box = (await flow.boundingBox())!
  // The gate: where all strands meet, at the share of the width that the picture gives it.
  await page.mouse.click(772, box.y + (54 + box.height - 7) / 2)
  await eventually('the address names the Service', () => inspected() === 'services/default/nginx')
  await page.goBack()
  // Just before the gate all requests come by.
  await page.mouse.click(700, box.y + (54 + box.height - 7) / 2)
  await page.getByRole('list', { name: 'Its way' }).waitFor()
  await page.goBack()
})

test('H clears the floor, B the screen, and an address that is no view leads to the stage', async () => {
  await page.keyboard.press('h')
  await page.getByRole('region', { name: 'Controls' }).waitFor({ state: 'detached' })
  await page.keyboard.press('h')
  await page.getByRole('region', { name: 'Controls' }).waitFor()
  await page.keyboard.press('b')
  await page.getByRole('status', { name: 'Blacked out' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('status', { name: 'Blacked out' }).waitFor({ state: 'detached' })
  await page.goto(`${podium.origin}/no-such-view`)
  await page.getByRole('region', { name: 'Controls' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/')
})

/** Bytes that the page's script holds once everything it has let go of is collected. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

test('pods come and go, and the page keeps nothing of them', async () => {
  const session = await page.context().newCDPSession(page)
  const round = async (): Promise<void> => {
    for (const replicas of [14, 4]) {
      await podium.kubectlOk('scale', 'deployment', 'nginx', `--replicas=${replicas}`)
      await page.getByText(`${replicas} of ${replicas}`).first().waitFor()
    }
  }
  // What is compiled, laid out and kept for good is there after the first rounds.
  for (let warm = 0; warm < 2; warm += 1) await round()
  const before = await heapOf(session)
  for (let each = 0; each < 4; each += 1) await round()
  const grown = (await heapOf(session)) - before
  await session.detach()
  // Forty pods came and went; a page that kept their tiles, strands or views would hold more than this.
  expect(grown).toBeLessThan(MOST_GROWN)
})

test('a clicker gives the show, the presenter sees what comes next, and a phone follows', async () => {
  const { page: phone } = await openPage(browser, podium.url, { width: 390, height: 844 })
  await page.keyboard.press('PageUp')
  await page.getByRole('alert').filter({ hasText: 'has not begun' }).waitFor()
  await page.keyboard.press('PageDown')
  const bar = page.getByRole('banner')
  await bar.getByText('Act 1').waitFor()
  await command('kubectl scale deployment nginx --replicas=1')
  await phone.getByRole('heading', { name: 'One pod' }).waitFor()
  await page.keyboard.press('4')
  const next = page.getByRole('region', { name: 'Next' })
  await next.getByText('kubectl delete pod nginx-').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('region', { name: 'Acts' }).getByText('A Service').click()
  await bar.getByText('A Service').waitFor()
  await next.getByRole('button', { name: 'Page Down' }).click()
  await page
    .getByRole('button', { name: /Through a process/ })
    .and(page.locator('[aria-current]'))
    .waitFor()
  await page.getByRole('button', { name: 'End the show' }).click()
  await bar.getByText('A Service').waitFor({ state: 'detached' })
  await page.keyboard.press('1')
  await page.getByRole('region', { name: 'Controls' }).waitFor()
  await phone.context().close()
})

test('a stage that falls silent is hatched with its age, and recovers by itself', async () => {
  const stage = page.getByRole('main')
  podium.process.kill('SIGSTOP')
  try {
    await page.getByText(/^\d+ s old$/).waitFor()
    await eventually('what is shown is marked as old', async () => {
      return (await stage.getAttribute('data-stale')) === 'true'
    })
    expect(await page.getByRole('heading', { name: 'node-1' }).count()).toBe(1)
  } finally {
    podium.process.kill('SIGCONT')
  }
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await stage.getAttribute('data-stale')).toBe('false')
})

test('a refusal is said in words beside the control that asked', async () => {
  // What the page asks for is changed on its way, so that the stage itself refuses it.
  const tooMany = JSON.stringify({ type: 'scale', target: 'loadbots', replicas: 9_999 })
  await page.route('**/api/actions', (route) => route.continue({ postData: tooMany }))
  await press('More: Loadbots')
  const alert = group('Loadbots').first().getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toContain('carries at most')
})
