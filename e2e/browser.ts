// A real headless Chromium on the stage.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { findBrowser } from './tools/find-browser.mjs'

/** Chromium without a sandbox of its own (root in a container) and without calls home. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the browser: an installed one, else Playwright's own. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  return chromium.launch({ ...(executablePath && { executablePath }), args: FLAGS })
}

export interface View {
  width?: number
  height?: number
  theme?: 'dark' | 'light'
  reducedMotion?: boolean
}

/** Opens a page at that size and theme; errors on its console are kept in `errors`. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1920, height = 1080, theme = 'dark', reducedMotion = false }: View = {},
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(url)
  return { page, errors }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with the page, or with the part of it that `within` selects: a line each, empty when all is well. */
export async function violations(page: Page, within = 'html'): Promise<string[]> {
  await page.evaluate(AXE)
  // Colours on their way to others are no colours to judge.
  await page.evaluate(async () => {
    const passing = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
    await Promise.allSettled(passing.map(({ finished }) => finished))
  })
  return page.evaluate(async (selector) => {
    interface Result {
      violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[]
    }
    const { axe } = globalThis as unknown as { axe: { run: (selector: string) => Promise<Result> } }
    const found = (await axe.run(selector)).violations
    return found.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id} ${JSON.stringify(target)} ${failureSummary}`,
      ),
    )
  }, within)
}
