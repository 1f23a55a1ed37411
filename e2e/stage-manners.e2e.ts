// The stage's manners: axe finds nothing, the keyboard works, both themes, reduced motion, a phone, a refused visitor.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, violations } from './browser.ts'
import type { View } from './browser.ts'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
let browser: Browser

beforeAll(async () => {
  podium = await startProduct()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

async function open(view: View = {}): Promise<Page> {
  const { page } = await openPage(browser, podium.url, view)
  await page.getByText('Live', { exact: true }).waitFor()
  return page
}

test.each<View>([
  { theme: 'dark' },
  { theme: 'light' },
  { theme: 'dark', width: 1280, height: 720 },
  { theme: 'light', width: 390, height: 844 },
  { theme: 'dark', reducedMotion: true },
])('axe finds nothing at %j', async (view) => {
  const page = await open(view)
  expect(await violations(page)).toEqual([])
  await page.context().close()
})

/** What lies over the stage: how it is opened, and by what one sees that it is. */
const OVERLAYS: readonly [keys: string, role: 'dialog' | 'complementary', name: RegExp][] = [
  ['Control+k', 'dialog', /Find/],
  ['?', 'dialog', /Keys/],
  ['e', 'complementary', /Events/],
]

test.each<View>([{ theme: 'dark' }, { theme: 'light' }])(
  'axe finds nothing in what lies over the stage at %j',
  async (view) => {
    const page = await open(view)
    for (const [keys, role, name] of OVERLAYS) {
      await page.keyboard.press(keys)
      const overlay = page.getByRole(role, { name })
      await overlay.waitFor()
      expect(await violations(page, role === 'dialog' ? 'dialog' : 'aside')).toEqual([])
      await page.keyboard.press('Escape')
      await overlay.waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: 'Scenes', exact: true }).click()
    await page
      .getByRole('button', { name: /^Start scene/ })
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByTitle('Why requests failed').click()
    await page.getByRole('complementary', { name: 'Failed requests' }).waitFor()
    expect(await violations(page, 'aside')).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('4')
    await page.getByRole('region', { name: 'Time travel' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.context().close()
  },
)

test.each<View>([
  {},
  { width: 1280, height: 720 },
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
])('nothing sticks out sideways at %j', async (view) => {
  const page = await open(view)
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(overflow).toBeLessThanOrEqual(0)
  await page.context().close()
})

/** Text that is drawn smaller than 12 px, or beyond the window. */
async function badText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const bad: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const text = walker.currentNode
      const parent = text.parentElement
      if (!parent || !text.textContent?.trim() || parent.closest('[role=tooltip], style, script'))
        continue
      const style = getComputedStyle(parent)
      const range = document.createRange()
      range.selectNodeContents(text)
      const { left, right, width } = range.getBoundingClientRect()
      const isForTheEye = width > 0 && style.visibility !== 'hidden' && !isClipped(parent)
      if (!isForTheEye) continue
      if (Number.parseFloat(style.fontSize) < 11.99) bad.push(`${text.textContent} is too small`)
      if (left < 0 || right > innerWidth) bad.push(`${text.textContent} ends at ${right}`)
    }
    /** Cut off on purpose: by an ellipsis, or there for screen readers only. */
    function isClipped(element: Element): boolean {
      for (let at: Element | null = element; at && at !== document.body; at = at.parentElement) {
        if (getComputedStyle(at).overflow === 'hidden') return true
      }
      return false
    }
    return bad
  })
}

test.each<View>([
  { width: 1920, height: 1080 },
  { width: 1280, height: 720 },
  { width: 1024, height: 768 },
  { width: 2560, height: 1080 },
  { width: 390, height: 844 },
])('all words are large enough and in the window at %j', async (view) => {
  const page = await open(view)
  await page.getByText('req/s').first().waitFor()
  expect(await badText(page)).toEqual([])
  await page.context().close()
})

test('keys do what the buttons do', async () => {
  const page = await open()
  await page.keyboard.press('=')
  await page.getByText('kubectl scale deployment nginx --replicas=5').waitFor()
  await page.keyboard.press(']')
  await page.getByText('kubectl scale rc loadbot --replicas=3').waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('z')
  await page.getByRole('alert').filter({ hasText: 'no earlier version' }).waitFor()
  await page.context().close()
})

test('every control is reached by Tab and shows that it is', async () => {
  const page = await open()
  const most = await page.getByRole('button').count()
  const reached = new Set<string>()
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    // Past the last control the focus leaves the page: once around is all of it.
    if (await page.evaluate(() => document.activeElement === document.body)) break
    const label = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return ''
      const ring = getComputedStyle(element)
      const visible = ring.outlineStyle !== 'none' || ring.boxShadow !== 'none'
      return visible ? (element.getAttribute('aria-label') ?? element.textContent ?? '?') : ''
    })
    if (label) reached.add(label)
  }
  expect(reached.size).toBeGreaterThanOrEqual(10)
  await page.context().close()
})

test('T changes the theme', async () => {
  const page = await open({ theme: 'dark' })
  const background = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const dark = await background()
  await page.keyboard.press('t')
  await eventually('the background changed', async () => (await background()) !== dark)
  await page.context().close()
})

test('a phone may look but not touch', async () => {
  const page = await open({ width: 390, height: 844 })
  expect(await page.getByRole('button', { name: /Kill pod|Update to/ }).count()).toBe(0)
  await page.context().close()
})

test('without the token a visitor is told what to do', async () => {
  const { page } = await openPage(browser, `${podium.origin}/`)
  expect(await page.textContent('body')).toMatch(/token/i)
  await page.context().close()
})
