// The keynote in the browser: scale, update under load, roll back, kill; and the same typed into kubectl.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage } from './browser.ts'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
let browser: Browser
let page: Page
let errors: string[]

beforeAll(async () => {
  podium = await startProduct()
  browser = await launchBrowser()
  ;({ page, errors } = await openPage(browser, podium.url, { width: 1280, height: 720 }))
})

afterAll(async () => {
  await browser?.close()
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

interface Tile {
  name: string
  version: string
  state: string
  node: string
}

/** What the stage shows as tiles, read the way a screen reader does. */
async function tiles(): Promise<Tile[]> {
  const lines = await page
    .getByRole('list', { name: /^Pods on / })
    .getByRole('listitem')
    .allTextContents()
  return lines.map((line) => {
    const [name = '', version = '', state = '', node = ''] = line.split(', ')
    return { name, version, state, node }
  })
}

const ready = (all: readonly Tile[], version?: string): number =>
  all.filter((tile) => tile.state === 'ready' && (!version || tile.version === version)).length

async function untilReady(count: number, version?: string, boundMs = 60_000): Promise<void> {
  await eventually(
    `${count} ${version ?? ''} tiles are ready and no others are there`,
    async () => {
      const all = await tiles()
      return all.length === count && ready(all, version) === count
    },
    boundMs,
  )
}

async function failedOnScreen(): Promise<string> {
  const text = await page.locator('dl').textContent()
  return /Failed since[^0-9]*([\d,]+)/.exec(text ?? '')?.[1] ?? '?'
}

const press = (name: string | RegExp, shift = false): Promise<void> =>
  page.getByRole('button', { name }).click(shift ? { modifiers: ['Shift'] } : {})

test('requests per second rise within ten seconds of ready', async () => {
  await eventually(
    'requests flow',
    async () => (await podium.summary()).requestsPerSecond > 1000,
    10_000,
  )
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await page.locator('dl').textContent()).toContain('p99')
})

test('kubectl shows the same pods as the tiles', async () => {
  await untilReady(4)
  const out = await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', 'wide', '--no-headers')
  const rows = out
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const typed = rows.map((row) => ({ name: row[0], node: row[6] }))
  const shown = (await tiles()).map(({ name, node }) => ({ name, node }))
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
    (a.name ?? '').localeCompare(b.name ?? '')
  expect(shown.sort(byName)).toEqual(typed.sort(byName))
})

test('loadbots go 2 → 1 → 4 → 2 from the dock', async () => {
  await press('Fewer: Loadbots')
  await page.getByRole('heading', { name: /^1 loadbot\b/ }).waitFor()
  for (let i = 0; i < 3; i++) await press('More: Loadbots')
  await page.getByRole('heading', { name: /^4 loadbots\b/ }).waitFor()
  await press('Fewer: Loadbots')
  await press('Fewer: Loadbots')
  await page.getByRole('heading', { name: /^2 loadbots\b/ }).waitFor()
  await page.getByText('kubectl scale rc loadbot --replicas=2').waitFor()
})

test('nginx goes to 2, 20 and 6', async () => {
  await press('Fewer: nginx replicas')
  await press('Fewer: nginx replicas')
  await untilReady(2)
  await press('More: nginx replicas', true)
  for (let i = 0; i < 8; i++) await press('More: nginx replicas')
  await untilReady(20)
  await press('Fewer: nginx replicas', true)
  for (let i = 0; i < 4; i++) await press('Fewer: nginx replicas')
  await untilReady(6)
  await podium.noneFailed()
  expect(await failedOnScreen()).toBe('0')
})

/** Has the page itself note every mix of versions it shows, so that none is missed between two looks. */
async function noteMixes(): Promise<() => Promise<{ updated: number; ready: number }[]>> {
  await page.evaluate(() => {
    const seen: { updated: number; ready: number }[] = []
    Object.assign(globalThis, { seenMixes: seen })
    const note = (): void => {
      const lines = [...document.querySelectorAll('ul[aria-label^="Pods on "] li')]
      const shown = lines
        .map((line) => (line.textContent ?? '').split(', '))
        .filter((parts) => parts[2] === 'ready')
      seen.push({ updated: shown.filter((parts) => parts[1] === 'v2').length, ready: shown.length })
    }
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    })
  })
  return () =>
    page.evaluate(
      () =>
        (globalThis as unknown as { seenMixes: { updated: number; ready: number }[] }).seenMixes,
    )
}

test('an update to v2 changes tile after tile while the number runs, and rolls back', async () => {
  const mixes = await noteMixes()
  await page.getByRole('radio', { name: 'v2' }).click()
  await press(/^Update to v2/)
  await untilReady(6, 'v2')
  const seen = await mixes()
  expect(seen.some(({ updated }) => updated > 0 && updated < 6)).toBe(true)
  expect(Math.min(...seen.map(({ ready }) => ready))).toBeGreaterThanOrEqual(6)
  expect((await podium.summary()).requestsPerSecond).toBeGreaterThan(0)
  await page.getByText('kubectl set image deployment/nginx nginx=nginx:v2').waitFor()
  await page.getByText(/^v1 to v2 in \d+ s, 0 of [\d,]+ requests failed$/).waitFor()
  await press(/^Roll back/)
  await untilReady(6, 'v1')
  await podium.noneFailed()
  expect(await failedOnScreen()).toBe('0')
})

test('a bad release stops by itself, says so, and is rolled back', async () => {
  await page.getByRole('radio', { name: 'v3' }).click()
  await press(/^Update to v3/)
  const alert = page.getByRole('region', { name: 'Update does not go on' })
  await alert.waitFor({ timeout: 90_000 })
  expect(await alert.textContent()).toMatch(/v3/)
  expect(ready(await tiles(), 'v1')).toBe(6)
  await alert.getByRole('button', { name: /Roll back to v1/ }).click()
  await untilReady(6, 'v1')
  await podium.noneFailed()
})

test('a killed pod is replaced', async () => {
  const before = new Set((await tiles()).map(({ name }) => name))
  await press(/^Kill pod/)
  await eventually(
    'one new pod stands in for one that is gone',
    async () => {
      const all = await tiles()
      return (
        ready(all) === 6 &&
        all.length === 6 &&
        all.filter(({ name }) => !before.has(name)).length === 1
      )
    },
    60_000,
  )
})

test('what is typed into kubectl shows on the stage, its command too', async () => {
  await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=3')
  await untilReady(3)
  await page.getByText('kubectl scale deployment nginx --replicas=3').waitFor()
  await podium.kubectlOk('set', 'image', 'deployment/nginx', 'nginx=nginx:v2')
  await untilReady(3, 'v2')
})

test('a dropped connection is shown and heals by itself', async () => {
  await page.context().setOffline(true)
  await page.getByText('Reconnecting').waitFor({ timeout: 60_000 })
  await page.context().setOffline(false)
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 })
  await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=4')
  await untilReady(4)
})

test('no request failed in all of this, and the page said no error', async () => {
  await podium.noneFailed()
  expect(errors.filter((text) => !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(text))).toEqual([])
})
