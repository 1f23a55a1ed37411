// Looking back: every screen of the hall shows the same moment of the last minutes, says so, and comes back to now.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, violations } from './browser.ts'
import { eventually, makeDirectory, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const BOUND_MS = 30_000

let podium: Product
let browser: Browser
let page: Page
let phone: Page
const dataDir = makeDirectory()

async function open(width: number, height: number): Promise<Page> {
  const opened = await openPage(browser, podium.url, { width, height })
  opened.page.setDefaultTimeout(BOUND_MS)
  await opened.page.getByText('Live', { exact: true }).waitFor()
  return opened.page
}

beforeAll(async () => {
  podium = await startProduct([], dataDir)
  browser = await launchBrowser()
  page = await open(1920, 1080)
  phone = await open(390, 844)
  await page.getByText('4 of 4', { exact: true }).waitFor()
  await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=7')
  await page.getByText('7 of 7', { exact: true }).waitFor()
})

afterAll(async () => {
  await browser?.close()
  await podium?.stop()
  removeDirectory(dataDir)
})

const sign = (of: Page) => of.getByRole('button', { name: /^Replay −\d+:\d\d$/ })

test('a key looks back, on every screen alike, and the past stays as it was', async () => {
  await page.keyboard.press(',')
  await sign(page).waitFor()
  await sign(phone).waitFor()
  const moment = page.getByRole('slider', { name: 'Moment shown' })
  await moment.focus()
  await page.keyboard.press('Home')
  await page.getByRole('button', { name: 'Stand still' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  await page.getByText(/^\d of 4$/).waitFor()
  await phone.getByText(/^\d of 4$/).waitFor()
  // What happens meanwhile is not shown, but it is not lost.
  await podium.kubectlOk('scale', 'deployment', 'nginx', '--replicas=5')
  await eventually('five are ready', async () => (await podium.summary()).pods.ready === 5)
  expect(await page.getByText(/^\d of 4$/).count()).toBe(1)
  expect(await moment.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d$/)
})

test('no control acts on the past, and each says why', async () => {
  const more = page.getByRole('button', { name: 'More: nginx replicas' })
  expect(await more.getAttribute('aria-disabled')).toBe('true')
  await more.focus()
  await page.getByRole('tooltip').filter({ hasText: 'This is the past' }).first().waitFor()
  await page.keyboard.press('u')
  await page.getByRole('alert').filter({ hasText: 'This is the past' }).waitFor()
  expect(await violations(page)).toEqual([])
})

test('the presenter sees where the hall is, what is live meanwhile, and moves the hand', async () => {
  await page.keyboard.press('4')
  await page.getByText(/^replaying \d\d:\d\d:\d\d$/).waitFor()
  await page.getByText('req/s live now').waitFor()
  const travel = page.getByRole('region', { name: 'Time travel' })
  await travel.getByText(/^\d of 4 on v1,/).waitFor()
  await page.getByRole('region', { name: 'Next' }).getByText('live first').waitFor()
  expect(await violations(page)).toEqual([])
  await travel.getByRole('slider', { name: 'Moment shown' }).focus()
  await page.keyboard.press('End')
  await page.getByText('Live', { exact: true }).waitFor()
  await phone.getByText('Live', { exact: true }).waitFor()
  await travel.getByText(/^5 of 5 on v1,/).waitFor()
  await page.keyboard.press('1')
})

test('L returns to live, and so does playing on fast', async () => {
  await page.keyboard.press(',')
  await sign(page).waitFor()
  await page.keyboard.press('l')
  await page.getByText('Live', { exact: true }).waitFor()
  await page.getByText('5 of 5', { exact: true }).waitFor()
  await page.keyboard.press(',')
  await sign(page).waitFor()
  await page.keyboard.press('4')
  await page.getByRole('radio', { name: '16×' }).check({ force: true })
  await page.getByText('Live', { exact: true }).waitFor()
  await phone.getByText('Live', { exact: true }).waitFor()
})
