// Two Podiums side by side share a Service, as the Multi-Cluster Services API has it: by name and address, through updates,
// disagreements, the death of one of them and its return.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser, openPage } from './browser.ts'
import { eventually, makeDirectory, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

const eastDir = makeDirectory()
const westDir = makeDirectory()
let east: Product
let west: Product
let browser: Browser
let page: Page

const startEast = (): Promise<Product> =>
  startProduct(['--demo', 'none', '--nodes', '1', '--cluster-name', 'east'], eastDir)

const READY = { httpGet: { path: '/-/ready', port: 80 } }
const web = (more: object = {}): object[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'podium/web:v1', readinessProbe: READY }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }], ...more },
  },
]
const exportOf = (name: string) => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'ServiceExport',
  metadata: { name },
})

/** Finds the service by name, as programs do, and then connects anew for every request; tells what came of them. */
const LOAD = `
const http = require('node:http')
const dns = new (require('node:dns').promises.Resolver)()
dns.setServers([process.env.PODIUM_DNS])
const name = 'web.default.svc.clusterset.local'
const said = { answered: 0, failed: 0, why: '', versions: {} }
const ask = (host) => new Promise((done) => {
  const failed = (error) => {
    // Counting begins with the first answer: before that there may be a name and no pod yet.
    if (said.answered > 0) said.failed += 1
    said.why = error.message
    done()
  }
  http.get({ host, agent: false, timeout: 10000 }, (answer) => {
    const version = answer.headers['x-version']
    answer.on('error', failed).resume().on('end', () => {
      said.answered += 1
      said.versions[version] = said.answered
      done()
    })
  }).on('error', failed).on('timeout', function () { this.destroy(new Error('no answer')) })
})
const go = async () => {
  let host
  while (!host) {
    host = await dns.resolve4(name).then(([address]) => address, () => undefined)
    if (!host) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for (;;) {
    await ask(host)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
for (let i = 0; i < 4; i++) void go()
http.createServer((_, answer) => answer.end(JSON.stringify(said))).listen(8080, process.env.POD_IP)
`
const load = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'load' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'load', image: 'node', command: ['node', '-e', LOAD] }],
  },
}

interface Said {
  answered: number
  failed: number
  why: string
  /** The answer at which each version was seen last. */
  versions: Record<string, number>
}
const said = async (): Promise<Said> =>
  JSON.parse(
    await west.kubectlOk('get', '--raw', '/api/v1/namespaces/default/pods/load:8080/proxy/'),
  ) as Said

const field = (product: Product, what: string[], path: string): Promise<string> =>
  product.kubectlOk('get', ...what, '--ignore-not-found', '-o', `jsonpath=${path}`)
const stateOf = (product: Product, peer: string): Promise<string> =>
  field(
    product,
    ['lease', '-n', 'kube-system', `clusterset-${peer}`],
    '{.metadata.annotations.podium\\.dev/clusterset-state}',
  )
const condition = (product: Product, type: string, name = 'web'): Promise<string> =>
  field(
    product,
    ['serviceexport', name],
    `{.status.conditions[?(@.type=="${type}")].status} {.status.conditions[?(@.type=="${type}")].reason}`,
  )
const sources = (product: Product): Promise<string> =>
  field(product, ['serviceimport', 'web'], '{.status.clusters[*].cluster}')
const addressesFrom = async (product: Product, cluster: string): Promise<string[]> => {
  const label = `multicluster.kubernetes.io/source-cluster=${cluster}`
  const text = await field(
    product,
    ['endpointslices', '-l', label],
    '{.items[*].endpoints[*].addresses[0]}',
  )
  return text.split(' ').filter(Boolean)
}
/** What the Cluster view of west says of other clusters. */
const seen = async (): Promise<string> =>
  (await page.getByRole('region', { name: 'Cluster set' }).allInnerTexts()).join()
const bothConnected = (): Promise<unknown> =>
  eventually('both clusters see one another', async () => {
    const states = [await stateOf(east, 'west'), await stateOf(west, 'east')]
    return states.every((state) => state === 'connected')
  })

beforeAll(async () => {
  east = await startEast()
  const join = ['--cluster-name', 'west', '--join', east.kubeconfig]
  ;[west] = await Promise.all([
    startProduct(['--demo', 'none', '--nodes', '1', ...join], westDir),
    east.apply(...web(), exportOf('web'), exportOf('missing')),
  ])
  await west.apply(load)
  browser = await launchBrowser()
  ;({ page } = await openPage(browser, west.url))
  await page.keyboard.press('2')
  await page.getByRole('main', { name: 'Cluster' }).waitFor()
})
afterAll(async () => {
  await browser?.close()
  await Promise.all([west?.stop(), east?.stop()])
  for (const folder of [eastDir, westDir]) removeDirectory(folder)
})

test('what one exports, all import, and pods of the other find it by name', async () => {
  await bothConnected()
  for (const product of [east, west]) {
    await eventually('the service is imported', async () => (await sources(product)) === 'east')
  }
  expect(await condition(east, 'Valid')).toBe('True Valid')
  expect(await condition(east, 'Conflict')).toBe('False NoConflicts')
  expect(await condition(east, 'Valid', 'missing')).toBe('False NoService')
  await east.kubectlOk('rollout', 'status', 'deployment/web', '--timeout=60s')
  await eventually('west has the addresses of all pods', async () => {
    return (await addressesFrom(west, 'east')).length === 3
  })
  await west.kubectlOk('wait', '--for=condition=Ready', 'pod/load', '--timeout=60s')
  await eventually('requests are answered', async () => (await said()).answered > 100)
  expect(await field(west, ['service', 'web'], '{.metadata.name}')).toBe('')
  await eventually('the stage names the other cluster', async () => {
    return (await seen()).includes('east connected, shares web')
  })
})

test('joining with an administrator’s kubeconfig leaves none behind', async () => {
  const path = '{.data.kubeconfig}'
  const held = await field(west, ['secret', '-n', 'kube-system', 'clusterset-east'], path)
  const kubeconfig = west.manifest('held', Buffer.from(held, 'base64').toString())
  const can = async (...what: string[]): Promise<string> => {
    const args = ['--kubeconfig', kubeconfig, 'auth', 'can-i', ...what]
    return (await east.kubectl(...args)).stdout.trim()
  }
  expect(await can('list', 'services')).toBe('yes')
  expect(await can('list', 'secrets', '-n', 'kube-system')).toBe('no')
  expect(await can('create', 'pods')).toBe('no')
  const printed = west.output.text + east.output.text
  expect(printed).not.toContain(/token: (\S+)/.exec(Buffer.from(held, 'base64').toString())?.[1])
})

test('an update in one fails no request from the other, whichever way it is proxied', async () => {
  const update = async (version: string): Promise<void> => {
    await east.kubectlOk('set', 'image', 'deployment/web', `web=podium/web:${version}`)
    await east.kubectlOk('rollout', 'status', 'deployment/web', '--timeout=60s')
    let last: Said | undefined
    await eventually(
      () => `${version} answers alone: ${JSON.stringify(last)}`,
      async () => {
        last = await said()
        const { versions, answered } = last
        const others = Object.entries(versions).filter(([name]) => name !== version)
        return answered > 0 && others.every(([, at]) => at < answered - 100)
      },
    )
  }
  await update('v2')
  const lease = ['lease', '-n', 'kube-system', 'service-proxy']
  const mode = (): Promise<string> =>
    field(west, lease, '{.metadata.annotations.podium\\.dev/proxy-mode}')
  if ((await mode()) === 'iptables') {
    const patch = '{"data":{"mode":"userspace"}}'
    await west.kubectlOk('patch', 'configmap', '-n', 'kube-system', 'service-proxy', '-p', patch)
    await eventually('the other proxy serves', async () => (await mode()) === 'userspace')
    await update('v1')
  }
  expect(await said()).toMatchObject({ failed: 0 })
})

test('both may export it; where they disagree, the older holds and the younger is told', async () => {
  await west.apply(...web({ sessionAffinity: 'ClientIP' }), exportOf('web'))
  await eventually('each has the pods of both', async () => {
    const counts = await Promise.all([
      addressesFrom(east, 'west'),
      addressesFrom(west, 'west'),
      addressesFrom(east, 'east'),
    ])
    return counts.every(({ length }) => length === 3)
  })
  await eventually('the younger is told', async () => {
    return (await condition(west, 'Conflict')).startsWith('True SessionAffinityConflict')
  })
  const message = '{.status.conditions[?(@.type=="Conflict")].message}'
  expect(await field(west, ['serviceexport', 'web'], message)).toContain('cluster "east"')
  expect(await field(west, ['serviceimport', 'web'], '{.spec.sessionAffinity}')).toBe('None')
  expect(await sources(east)).toBe('east west')
})

test('a cluster that is killed is left out, and is back when it is back', async () => {
  const lost = await addressesFrom(west, 'east')
  expect(lost.length).toBeGreaterThan(0)
  await east.kill()
  await eventually('its endpoints are gone', async () => {
    return (await addressesFrom(west, 'east')).length === 0 && (await sources(west)) === 'west'
  })
  expect(await stateOf(west, 'east')).toBe('lost')
  await eventually('the stage says so', async () => (await seen()).includes('east lost'))
  await eventually('requests are answered by those that are left', async () => {
    const before = await said()
    await eventually('more requests', async () => (await said()).answered > before.answered + 50)
    return (await said()).failed === before.failed
  })
  east = await startEast()
  await bothConnected()
  await eventually('its endpoints are back', async () => {
    return (await addressesFrom(west, 'east')).length === 3 && (await sources(west)) === 'east west'
  })
})

test('leaving is removing a Secret, on one side', async () => {
  await west.kubectlOk('delete', 'secret', '-n', 'kube-system', 'clusterset-east')
  await eventually('each is alone', async () => {
    const left = [
      'secret,lease,serviceaccount',
      '-n',
      'kube-system',
      '-l',
      'podium.dev/clusterset-peer',
    ]
    const things = await Promise.all(
      [east, west].map((one) => one.kubectlOk('get', ...left, '-o', 'name')),
    )
    return (
      things.every((text) => text === '') &&
      (await sources(east)) === 'east' &&
      (await sources(west)) === 'west'
    )
  })
  await west.kubectlOk('delete', 'serviceexport', 'web')
  await eventually('with the last export goes the import', async () => (await sources(west)) === '')
})
