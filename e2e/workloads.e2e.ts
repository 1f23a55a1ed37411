// The Workloads view: every kind as a table, found, opened, written as YAML, edited, deleted and brought back.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage, violations } from './browser.ts'
import { removeDirectory, startProduct } from './podium.ts'
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

const table = (kind: string) => page.getByRole('grid', { name: kind, exact: true })
const row = (name: string | RegExp) => page.getByRole('row', { name })

async function write(text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'YAML' }).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

const configMap = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tune\n  namespace: default\ndata:\n${data}\n`

test('every kind that can be listed is there, and a table follows the API', async () => {
  await page.keyboard.press('5')
  await row(/^nginx-.* Running/)
    .first()
    .waitFor()
  const known = await podium.kubectlOk('api-resources', '--verbs=list', '--no-headers')
  const kinds = new Set(
    known
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).at(-1)),
  )
  const rail = page.getByRole('navigation', { name: 'Kinds' })
  for (const kind of kinds) {
    expect(await rail.getByRole('button', { name: kind!, exact: true }).count()).toBe(1)
  }
  expect(await page.getByRole('columnheader', { name: 'Node', exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'More columns' }).click()
  await page.getByRole('columnheader', { name: 'Node', exact: true }).waitFor()
  await page.getByRole('button', { name: 'More columns' }).click()
  await rail.getByRole('button', { name: 'ConfigMap' }).click()
  await table('ConfigMap').waitFor()
  await podium.kubectlOk('create', 'configmap', 'made-elsewhere')
  await row(/^made-elsewhere/).waitFor()
  await podium.kubectlOk('delete', 'configmap', 'made-elsewhere')
  await row(/^made-elsewhere/).waitFor({ state: 'detached' })
})

test('search and namespace narrow it, and the address keeps them', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('service-proxy')
  await row(/^service-proxy/).waitFor()
  await row(/^loadbot/).waitFor({ state: 'detached' })
  await page.getByRole('combobox', { name: 'Namespace' }).selectOption('default')
  await page.getByRole('heading', { name: 'No ConfigMap says “service-proxy”' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Show all' }).click()
  await row(/^loadbot/).waitFor()
  expect(page.url()).toContain('kind=configmaps')
  expect(page.url()).toContain('namespace=default')
})

test('a row is chosen and opened by keyboard', async () => {
  await row(/^aggregator|^kube-root|^loadbot/)
    .first()
    .focus()
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.getByRole('complementary', { name: /^ConfigMap / }).waitFor()
  expect(page.url()).toContain('inspect=configmaps/default/')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByRole('complementary').waitFor({ state: 'detached' })
})

test('what is wrong is told at its field, by the schema and by the API', async () => {
  await page.keyboard.press('n')
  const panel = page.getByRole('complementary', { name: 'Create from YAML' })
  await page.getByRole('textbox', { name: 'YAML' }).waitFor()
  await write(configMap('  speed: 3\nspeling: x'))
  const problems = panel.getByRole('status', { name: 'Problems' })
  await problems.getByText('It has to be text; put it in quotes.').waitFor()
  await problems.getByText('There is no field speling.').waitFor()
  expect(await violations(page)).toEqual([])
  await write(configMap('  speed: "3"').replace('v1', 'v2'))
  await problems.getByText('This cluster has no ConfigMap in v2.').waitFor()
  await write('apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  restartPolicy: ')
  await problems.getByText('containers is missing.').waitFor()
  await page.keyboard.press('Control+Space')
  await page.getByRole('option', { name: 'OnFailure' }).waitFor()
  await write(configMap('  speed: "3"').replace('name: tune', 'name: Tune_'))
  await panel.getByRole('button', { name: 'Apply' }).click()
  await problems.getByRole('button', { name: /^Line 4 ?metadata\.name.*RFC 1123/ }).waitFor()
  await write(configMap('  speed: "3"'))
  await page.keyboard.press('Control+Enter')
  await panel.waitFor({ state: 'detached' })
  await row(/^tune/).waitFor()
  expect(await podium.kubectlOk('get', 'cm', 'tune', '-o', 'jsonpath={.data.speed}')).toBe('3')
})

test('an object is edited', async () => {
  await row(/^tune/).hover()
  await page.getByRole('button', { name: 'Edit tune' }).click()
  const panel = page.getByRole('complementary', { name: 'Edit ConfigMap tune' })
  await page.getByRole('textbox', { name: 'YAML' }).waitFor()
  await write(configMap('  speed: "4"'))
  await panel.getByRole('button', { name: 'Save' }).click()
  await panel.waitFor({ state: 'detached' })
  expect(await podium.kubectlOk('get', 'cm', 'tune', '-o', 'jsonpath={.data.speed}')).toBe('4')
})

test('it is deleted and brought back; what has a controller says why it cannot be', async () => {
  await row(/^tune/).focus()
  await page.keyboard.press('Delete')
  await page.getByText('ConfigMap tune is deleted.').waitFor()
  await row(/^tune/).waitFor({ state: 'detached' })
  expect((await podium.kubectl('get', 'cm', 'tune')).code).not.toBe(0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await row(/^tune/).waitFor()
  expect(await podium.kubectlOk('get', 'cm', 'tune', '-o', 'jsonpath={.data.speed}')).toBe('4')
  await page.getByRole('navigation', { name: 'Kinds' }).getByText('Pod', { exact: true }).click()
  const [name = ''] = (
    await podium.kubectlOk('get', 'pods', '-l', 'run=nginx', '-o', 'name')
  ).split('\n')
  const pod = name.replace('pod/', '')
  await row(new RegExp(`^${pod}`)).focus()
  await page.keyboard.press('Delete')
  await page.getByText(/cannot be undone: it belongs to ReplicaSet nginx-/).waitFor()
  await page.getByRole('button', { name: 'Keep it' }).click()
  expect((await podium.kubectl('get', 'pod', pod)).code).toBe(0)
})

/** Without the empty fields that kubectl writes. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, each]) => [name, written(each)] as const)
  const isSaid = (each: unknown): boolean =>
    each !== null && (typeof each !== 'object' || Object.keys(each).length > 0)
  return Object.fromEntries(fields.filter(([, each]) => isSaid(each)))
}

async function read(...args: string[]): Promise<object> {
  return JSON.parse(await podium.kubectlOk(...args, '-o', 'json')) as object
}

test('a form writes what kubectl would, and what one document is refused for stops no other', async () => {
  await page.keyboard.press('i')
  const panel = page.getByRole('complementary', { name: 'Create from an image' })
  const form = panel.getByRole('form', { name: 'From an image' })
  const field = (name: string) => form.getByRole('textbox', { name, exact: true })
  await form.waitFor()
  await page.keyboard.type('x')
  expect(await field('Image').inputValue()).toMatch(/x$/)
  await field('Image').fill('podium/web:v1')
  await field('Name').fill('shop')
  await field('Replicas').fill('3')
  await field('CPU request').fill('')
  await field('Memory request').fill('')
  const text = page.getByRole('textbox', { name: 'YAML' })
  await text.getByText('replicas: 3').waitFor()
  await page.keyboard.press('Control+Enter')
  await panel.waitFor({ state: 'detached' })
  await page.getByText('Applied: Deployment shop, Service shop.').waitFor()
  const same = ['--dry-run=client', '-o', 'json']
  const created = await podium.kubectlOk(
    'create',
    'deployment',
    'shop',
    '--image=podium/web:v1',
    '--port=80',
    '--replicas=3',
    ...same,
  )
  const exposed = await podium.kubectlOk('expose', 'deployment', 'shop', '--port=80', ...same)
  const { metadata, spec } = written(JSON.parse(created)) as Record<string, object>
  expect(await read('get', 'deployment', 'shop')).toMatchObject({ metadata, spec })
  const service = written(JSON.parse(exposed)) as Record<string, object>
  expect(await read('get', 'service', 'shop')).toMatchObject({ spec: service.spec })

  await page.keyboard.press('n')
  await page.getByRole('radio', { name: 'From an image' }).check()
  await field('Name').fill('shop')
  await form.getByRole('radio', { name: 'Ingress too' }).check()
  await form.getByRole('combobox', { name: 'Ingress class' }).selectOption('podium')
  await form.getByRole('checkbox', { name: 'Limits too' }).check()
  await form.getByRole('checkbox', { name: 'Scale by CPU' }).check()
  await form.getByText("the autoscaler's").waitFor()
  for (const [name, value] of [
    ['Container port', '80'],
    ['Service port', '80'],
    ['Path', '/shop'],
    ['Fewest', '1'],
    ['Most', '4'],
    ['% of request', '70'],
    ['Host', 'Not_A_Host'],
  ] as const) {
    await field(name).fill(value)
  }
  await text.focus()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText('# mine\n')
  await form.getByText('The text was changed by hand.').waitFor()
  expect(await field('Name').isDisabled()).toBe(true)
  expect(await violations(page)).toEqual([])
  await form.getByRole('button', { name: 'Write it from the form' }).click()
  await panel.getByRole('button', { name: 'Apply' }).click()
  const problems = panel.getByRole('status', { name: 'Problems' })
  await problems
    .getByRole('button', { name: /^Ingress shop, line \d+ ?spec\.rules\[0\]\.host/ })
    .waitFor()
  const scaler = await read('get', 'hpa', 'shop')
  expect(scaler).toMatchObject({ spec: { minReplicas: 1, maxReplicas: 4 } })
  expect((await podium.kubectl('get', 'ingress', 'shop')).code).not.toBe(0)
  expect(await violations(page)).toEqual([])
  await field('Host').fill('shop.test')
  await page.keyboard.press('Control+Enter')
  await panel.waitFor({ state: 'detached' })
  await podium.kubectlOk('get', 'ingress', 'shop')
  await podium.kubectlOk('delete', 'hpa,ingress,service,deployment', 'shop', '--wait=false')
})

test('both themes, a small window and a phone', async () => {
  for (const kind of ['Deployment', 'Node']) {
    await page.getByRole('navigation', { name: 'Kinds' }).getByText(kind, { exact: true }).click()
    await table(kind).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('t')
    expect(await violations(page)).toEqual([])
  }
  const phone = await openPage(browser, podium.url, { width: 390, height: 844 })
  await phone.page.getByText('Live', { exact: true }).waitFor()
  await phone.page.goto(`${podium.origin}/workloads?kind=deployments.apps`)
  await phone.page.getByRole('row', { name: /^nginx/ }).waitFor()
  expect(await phone.page.getByRole('button', { name: /Create|Edit|Delete/ }).count()).toBe(0)
  expect(await violations(phone.page)).toEqual([])
  const wide = await phone.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(wide).toBeLessThanOrEqual(0)
  // Chromium notes by itself what the API refuses, which the page tells, and that text typed over other text does not
  // get the look of that: the page's policy allows no style in an element.
  const notes = /status of 4\d\d|^Applying inline style/
  const others = [...errors, ...phone.errors].filter((text) => !notes.test(text))
  expect(others).toEqual([])
})
