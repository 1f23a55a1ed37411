// Inside pods: a file system of their own where Podium may mount, and names for everything, asked for as programs do.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
const k = (...args: string[]): Promise<string> => podium.kubectlOk(...args)

const pod = (name: string, spec: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec: { terminationGracePeriodSeconds: 0, ...spec },
})
const SHELL = { name: 'shell', image: 'busybox', command: ['sleep', '100000'] }

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '2'])
  await podium.apply(
    pod('shell', { containers: [SHELL] }),
    pod('nginx', { containers: [{ name: 'nginx', image: 'podium/web:v1' }] }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'nginx' },
      spec: { selector: { app: 'nginx' }, ports: [{ name: 'http', port: 80 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'peers' },
      spec: {
        clusterIP: 'None',
        selector: { app: 'peers' },
        ports: [{ name: 'gossip', port: 7000 }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'peer' },
      spec: {
        serviceName: 'peers',
        replicas: 2,
        selector: { matchLabels: { app: 'peers' } },
        template: {
          metadata: { labels: { app: 'peers' } },
          spec: { terminationGracePeriodSeconds: 0, containers: [SHELL] },
        },
      },
    },
  )
  await k('wait', '--for=condition=Ready', 'pod/shell', 'pod/nginx', '--timeout=60s')
  await k('rollout', 'status', 'statefulset/peer', '--timeout=60s')
})
afterAll(async () => {
  await podium.stop()
  removeDirectory(podium.dataDir)
})

/** Runs node in the shell's pod; what it says is JSON. */
async function node(code: string): Promise<unknown> {
  return JSON.parse(await k('exec', 'shell', '--', 'node', '-e', code))
}

/** Looks a name up at the cluster's DNS, also where /etc/resolv.conf is the machine's. */
function resolve(method: string, name: string): Promise<unknown> {
  const text = JSON.stringify
  return node(
    `const r=new (require('dns').promises.Resolver)();r.setServers([process.env.PODIUM_DNS]);` +
      `r[${text(method)}](${text(name)}).then(a=>console.log(JSON.stringify(a)),e=>console.log(JSON.stringify(e.code)))`,
  )
}

const ownFiles = async (): Promise<boolean> =>
  (await k('get', 'nodes', '-l', 'podium.dev/pod-files=own', '-o', 'name')).trim() !== ''

describe('cluster DNS', () => {
  test('knows services, endpoints, pods of sets, ports, and what there is not', async () => {
    const domain = 'default.svc.cluster.local'
    const ip = await k('get', 'service', 'nginx', '-o', 'jsonpath={.spec.clusterIP}')
    expect(await resolve('resolve4', `nginx.${domain}`)).toEqual([ip])
    expect(await resolve('resolveSrv', `_http._tcp.nginx.${domain}`)).toMatchObject([
      { name: `nginx.${domain}`, port: 80 },
    ])
    const [first, second] = await Promise.all(
      ['peer-0', 'peer-1'].map((name) => k('get', 'pod', name, '-o', 'jsonpath={.status.podIP}')),
    )
    const both = (await resolve('resolve4', `peers.${domain}`)) as string[]
    expect(both.toSorted()).toEqual([first!, second!].toSorted())
    expect(await resolve('resolve4', `peer-1.peers.${domain}`)).toEqual([second])
    const ports = (await resolve('resolveSrv', `_gossip._tcp.peers.${domain}`)) as {
      name: string
    }[]
    expect(ports.map(({ name }) => name).toSorted()).toEqual([
      `peer-0.peers.${domain}`,
      `peer-1.peers.${domain}`,
    ])
    expect(await resolve('resolve4', `kubernetes.${domain}`)).toHaveLength(1)
    expect(await resolve('resolve4', `nothing.${domain}`)).toBe('ENOTFOUND')
    expect(await resolve('resolve6', `nginx.${domain}`)).toBe('ENODATA')
    await k('delete', 'pod', 'nginx', '--wait=false')
    await eventually('the service outlives its pod by name', async () => {
      const found = await resolve('resolve4', `nginx.${domain}`)
      return Array.isArray(found) && found[0] === ip
    })
    await podium.apply(pod('nginx', { containers: [{ name: 'nginx', image: 'podium/web:v1' }] }))
    await k('wait', '--for=condition=Ready', 'pod/nginx', '--timeout=30s')
  })

  test('is a Service like any other', async () => {
    const said = await k('get', 'service,endpointslices', '-n', 'kube-system')
    expect(said).toContain('service/kube-dns')
    const address = await k(
      'get',
      'svc',
      'kube-dns',
      '-n',
      'kube-system',
      '-o',
      'jsonpath={.spec.clusterIP}',
    )
    expect(podium.output.text).toContain(`cluster names at ${address}`)
  })
})

describe('a file system of its own', () => {
  test('names are found without more ado, from a shell that kubectl runs', async (context) => {
    if (!(await ownFiles())) context.skip()
    const script =
      'cat /etc/resolv.conf; hostname; getent hosts nginx nginx.default kubernetes.default.svc'
    const said = await k(
      'run',
      'visitor',
      '-i',
      '--rm',
      '--restart=Never',
      '--image=busybox',
      '--quiet',
      '--',
      'sh',
      '-c',
      script,
    )
    expect(said).toContain('search default.svc.cluster.local svc.cluster.local cluster.local')
    expect(said).toMatch(/options ndots:5\nvisitor\n/)
    expect(said.match(/nginx\.default\.svc\.cluster\.local/g)).toHaveLength(2)
    const page = await node(
      `fetch('http://nginx/').then(r=>console.log(JSON.stringify(r.headers.get('x-pod'))))`,
    )
    expect(page).toBe('nginx')
    expect(await k('exec', 'peer-0', '--', 'hostname')).toBe('peer-0\n')
    expect(await k('exec', 'peer-0', '--', 'getent', 'hosts', 'peer-1.peers')).toContain(
      'peer-1.peers',
    )
  })

  test('volumes are where they are mounted, and /tmp is the pod’s', async (context) => {
    if (!(await ownFiles())) context.skip()
    await k('create', 'configmap', 'page', '--from-literal=index.html=hello')
    const volumes = [
      { name: 'page', configMap: { name: 'page' } },
      { name: 'cache', emptyDir: {} },
    ]
    const volumeMounts = [
      { name: 'page', mountPath: '/usr/share/nginx/html' },
      { name: 'cache', mountPath: '/cache' },
    ]
    await podium.apply(pod('files', { volumes, containers: [{ ...SHELL, volumeMounts }] }))
    await k('wait', '--for=condition=Ready', 'pod/files', '--timeout=30s')
    const script =
      'cat /usr/share/nginx/html/index.html; echo; echo x > /usr/share/nginx/html/x || echo refused; echo kept > /cache/a; echo mine > /tmp/a; cat /cache/a'
    expect(await k('exec', 'files', '--', 'sh', '-c', script)).toBe('hello\nrefused\nkept\n')
    expect(await k('exec', 'shell', '--', 'sh', '-c', 'ls /tmp/a /cache || true')).toBe('')
  })
})
