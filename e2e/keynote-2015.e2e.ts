// The keynote's own manifests, with the images, flags and addresses of 2015: replication controllers of nginx, loader and
// aggregator, and the three addresses its page polled through `kubectl proxy`.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { kubectlPath } from './tools/kubectl.ts'

let podium: Product
let proxy: ChildProcess
let page = ''

interface Controller {
  name: string
  labels: Record<string, string>
  image: string
  command?: string[]
  cpu: string
}

function controller({ name, labels, image, command, cpu }: Controller): object {
  const container = { name, image, ...(command && { command }), resources: { requests: { cpu } } }
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name },
    // No selector and no replicas: they come from the template, and one.
    spec: { template: { metadata: { labels }, spec: { containers: [container] } } },
  }
}

const LOADER = ['/loader', '-host=nginx', '-rate=1000', '-address=:8080', '-workers=10']
const AGGREGATOR = ['/aggregator', '-selector=run=vegeta', '-use-ip=true', '-sleep=1s']
const CONTROLLERS = [
  {
    name: 'nginx',
    labels: { run: 'nginx' },
    image: 'k8s.gcr.io/nginx-scale:0.2',
    cpu: '1000m',
  },
  {
    name: 'vegeta',
    labels: { run: 'vegeta' },
    image: 'k8s.gcr.io/loader:0.6',
    command: [...LOADER, '-duration=1s'],
    cpu: '100m',
  },
  {
    name: 'aggregator',
    labels: { app: 'aggregator', track: 'alpha' },
    image: 'k8s.gcr.io/aggregator:2015-11-10-34b976a',
    command: [...AGGREGATOR, '-address=0.0.0.0:8080'],
    cpu: '500m',
  },
] satisfies Controller[]

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none'])
  const args = ['--kubeconfig', podium.kubeconfig, 'proxy', '--port=0']
  proxy = spawn(await kubectlPath(), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  proxy.stdout?.on('data', (chunk) => (said += String(chunk)))
  page = await eventually('kubectl proxy serves', () => {
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1]
    return port && `http://127.0.0.1:${port}`
  })
})

afterAll(async () => {
  proxy?.kill()
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

/** What the page asked for once a second. */
async function poll(path: string): Promise<unknown> {
  const response = await fetch(page + path)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

const REPORTS = '/api/v1/proxy/namespaces/default/services/aggregator/'

interface Report {
  rate: number
  success: number
  latencies: Record<string, number>
  status_codes: Record<string, number>
}

test('the demo of 2015 runs as it was written', { timeout: 120_000 }, async () => {
  const [nginx, ...others] = CONTROLLERS.map(controller)
  await podium.apply(nginx!)
  await podium.kubectlOk('expose', 'rc', 'nginx', '--port=80')
  await podium.apply(...others)
  await podium.kubectlOk('expose', 'rc', 'aggregator', '--port=8080')

  const [report] = await eventually('the one loadbot keeps its rate', async () => {
    const reports = (await poll(REPORTS)) as Report[]
    return reports.length === 1 && reports[0]!.rate > 500 ? reports : undefined
  })
  expect(report).toMatchObject({ success: 1, status_codes: { '200': expect.any(Number) } })
  expect(Object.keys(report!.latencies)).toEqual(expect.arrayContaining(['mean', '99th']))

  await podium.kubectlOk('scale', 'rc', 'nginx', '--replicas=3')
  await podium.kubectlOk('scale', 'rc', 'vegeta', '--replicas=4')
  await eventually('four loadbots report', async () => {
    return ((await poll(REPORTS)) as Report[]).length === 4
  })
  const running = async (selector: string): Promise<string[]> => {
    const { items } = (await poll(`/api/v1/pods?labelSelector=${selector}`)) as {
      items: { metadata: { name: string }; status: { phase: string } }[]
    }
    return items.filter(({ status }) => status.phase === 'Running').map((pod) => pod.metadata.name)
  }
  await eventually('the page counts three servers', async () => {
    return (await running('run=nginx')).length === 3
  })
  const [bot] = await running('run=vegeta')
  await eventually('a loadbot reports success to whoever asks it', async () => {
    const own = (await poll(`/api/v1/proxy/namespaces/default/pods/${bot}:8080/`)) as Report
    return own.rate > 0 && own.success === 1
  })
})
