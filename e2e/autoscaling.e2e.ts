// Autoscaling by measured use: kubectl top, the walkthrough of Kubernetes' documentation with its own objects, and what pods
// ask for following what they use.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product

beforeAll(async () => {
  // Fifteen seconds become one, and five minutes become ten seconds.
  podium = await startProduct(['--demo', 'none', '--autoscaler-speed', '30'])
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const name = 'php-apache'
const labels = { run: name }
const container = {
  name,
  image: 'registry.k8s.io/hpa-example',
  ports: [{ containerPort: 80 }],
  resources: { limits: { cpu: '500m' }, requests: { cpu: '200m' } },
}
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [container] } },
  },
}
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, labels },
  spec: { ports: [{ port: 80 }], selector: labels },
}

async function hpa(path: string): Promise<string> {
  return podium.kubectlOk('get', 'hpa', name, '-o', `jsonpath=${path}`)
}

test('the autoscaling walkthrough', { timeout: 180_000 }, async () => {
  await podium.apply(deployment, service)
  await podium.kubectlOk('rollout', 'status', `deployment/${name}`, '--timeout=60s')
  await podium.kubectlOk('autoscale', 'deployment', name, '--cpu=50%', '--min=1', '--max=10')
  await eventually('the autoscaler knows the use', async () => {
    return (await hpa('{.status.currentMetrics[0].resource.current.averageUtilization}')) !== ''
  })
  expect(await podium.kubectlOk('get', 'hpa', name)).toMatch(/cpu: \d+%\/50%\s+1\s+10\s+1/)
  expect(await podium.kubectlOk('top', 'pods')).toMatch(/php-apache-\S+\s+\d+m\s+\d+Mi/)
  expect(await podium.kubectlOk('top', 'nodes')).toMatch(/node-1\s+\d+m\s+\d+%/)

  const address = await podium.kubectlOk('get', 'svc', name, '-o', 'jsonpath={.spec.clusterIP}')
  // What the loop of the walkthrough's load generator does; this machine's own fetch speaks to the Service.
  const script = `for (;;) { await fetch('http://${address}/').then((r) => r.text()).catch(() => 0) }`
  const args = [
    '--image=node',
    '--restart=Never',
    '--',
    'node',
    '--input-type=module',
    '-e',
    script,
  ]
  await podium.kubectlOk('run', 'load-generator', ...args)
  await eventually(
    'more pods than one',
    async () => Number(await hpa('{.status.desiredReplicas}')) > 1,
    90_000,
  )
  await eventually('the Deployment follows', async () => {
    const ready = ['get', 'deployment', name, '-o', 'jsonpath={.status.readyReplicas}']
    return Number(await podium.kubectlOk(...ready)) > 1
  })
  const said = await podium.kubectlOk('describe', 'hpa', name)
  expect(said).toMatch(/SuccessfulRescale .*New size: \d+; reason: cpu resource utilization/)
  expect(said).toMatch(/ScalingActive\s+True\s+ValidMetricFound/)

  await podium.kubectlOk('delete', 'pod', 'load-generator', '--grace-period=0', '--force')
  await eventually(
    'one pod again',
    async () => (await hpa('{.status.desiredReplicas}')) === '1',
    90_000,
  )
})

test('pods that ask for too little are recreated with what is recommended', async () => {
  const labels = { app: 'hamster' }
  const resources = { requests: { cpu: '1m', memory: '8Mi' } }
  const template = {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'hamster', image: 'podium/web:v1', resources }],
    },
  }
  const vpa = {
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    metadata: { name: 'hamster' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hamster' },
      updatePolicy: { updateMode: 'Recreate' },
      resourcePolicy: {
        containerPolicies: [{ containerName: '*', maxAllowed: { memory: '64Mi' } }],
      },
    },
  }
  const hamster = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hamster' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template },
  }
  await podium.apply(hamster)
  await podium.kubectlOk('rollout', 'status', 'deployment/hamster', '--timeout=60s')
  await podium.apply(vpa)
  await eventually('both pods ask for what is recommended', async () => {
    const path = 'jsonpath={range .items[*]}{.spec.containers[0].resources.requests.cpu} {end}'
    const asked = await podium.kubectlOk('get', 'pods', '-l', 'app=hamster', '-o', path)
    return /^(?!1m)\d+m (?!1m)\d+m $/.test(asked)
  })
  const viewer = ['--as=system:serviceaccount:default:viewer']
  const binding = ['rolebinding', 'viewer', '--clusterrole=view', '--serviceaccount=default:viewer']
  await podium.kubectlOk('create', ...binding)
  await eventually('who may view may view it, and not delete it', async () => {
    const { stdout } = await podium.kubectl('auth', 'can-i', 'list', 'vpa', ...viewer)
    const { stdout: other } = await podium.kubectl('auth', 'can-i', 'delete', 'vpa', ...viewer)
    return stdout.trim() === 'yes' && other.trim() === 'no'
  })
  expect(await podium.kubectlOk('get', 'vpa', '--no-headers')).toMatch(
    /^hamster +Recreate +\d+m +64Mi +True/,
  )
  await eventually('an event says why', async () => {
    return (await podium.kubectlOk('get', 'events')).includes('EvictedByVPA')
  })
  const annotations = await podium.kubectlOk(
    'get',
    'pods',
    '-l',
    'app=hamster',
    '-o',
    'jsonpath={.items[0].metadata.annotations.vpaUpdates}',
  )
  expect(annotations).toBe(
    'Pod resources updated by hamster: container 0: cpu request, memory request',
  )
  await podium.kubectlOk('rollout', 'status', 'deployment/hamster', '--timeout=60s')
  await podium.kubectlOk('delete', 'deployment/hamster', 'vpa/hamster')
})
