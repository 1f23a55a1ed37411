import { describe, expect, test } from 'vitest'
import type { Service } from '../../shared/kubernetes/network.ts'
import type { Container, Pod } from '../../shared/kubernetes/pod.ts'
import type { EnvironmentSources } from './environment.ts'
import { containerEnvironment } from './environment.ts'
import { expand } from './expansion.ts'

const service = (name: string, clusterIP: string, ports: Service['spec']['ports']): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { clusterIP, ports: ports! },
})

function environment(
  container: Partial<Container>,
  more: Partial<EnvironmentSources> = {},
  spec: Partial<Pod['spec']> = {},
) {
  const main: Container = { name: 'main', image: 'nginx:v1', ...container }
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'default', uid: 'u', labels: { app: 'x', b: 'y' } },
    spec: { nodeName: 'n', containers: [main], ...spec },
  }
  const sources: EnvironmentSources = {
    pod,
    container: main,
    addresses: { podIP: '127.64.0.1', hostIP: '127.32.0.1' },
    node: { cpu: '4', memory: '8Gi' },
    services: [
      service('my-nginx', '127.96.0.9', [
        { name: 'http-web', port: 80 },
        { port: 443, protocol: 'UDP' },
      ]),
    ],
    apiAddress: { host: '127.0.0.1', port: 6443 },
    apiService: service('kubernetes', '127.96.0.1', [{ name: 'https', port: 443 }]),
    configMaps: new Map([['cm', { metadata: { name: 'cm' }, data: { a: '1', 'b-c': '2' } }]]),
    secrets: new Map([
      ['s', { metadata: { name: 's' }, data: { p: Buffer.from('pw').toString('base64') } }],
    ]),
    ...more,
  }
  return containerEnvironment(sources, { nodeName: 'n', root: '/r', terminationLog: '/r/t' })
}

describe('$(VAR)', () => {
  test.each([
    ['$(A)', 'a'],
    ['x$(A)$(B)y', 'xa$(B)y'],
    ['$$(A)', '$(A)'],
    ['$A ${A} $', '$A ${A} $'],
    ['$(constructor)', '$(constructor)'],
  ])('%s → %s', (text, expected) => {
    expect(expand(text, { A: 'a' })).toBe(expected)
  })
})

describe('the environment of a container', () => {
  test('names services as Kubernetes and Docker links do', () => {
    expect(environment({})).toMatchObject({
      MY_NGINX_SERVICE_HOST: '127.96.0.9',
      MY_NGINX_SERVICE_PORT: '80',
      MY_NGINX_SERVICE_PORT_HTTP_WEB: '80',
      MY_NGINX_PORT: 'tcp://127.96.0.9:80',
      MY_NGINX_PORT_80_TCP: 'tcp://127.96.0.9:80',
      MY_NGINX_PORT_80_TCP_ADDR: '127.96.0.9',
      MY_NGINX_PORT_443_UDP_PROTO: 'udp',
      KUBERNETES_SERVICE_HOST: '127.96.0.1',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
    })
  })

  test('leaves them out when asked, but never the API', () => {
    const env = environment({}, {}, { enableServiceLinks: false })
    expect(env['MY_NGINX_SERVICE_HOST']).toBeUndefined()
    expect(env['KUBERNETES_SERVICE_HOST']).toBe('127.96.0.1')
    expect(environment({}, { apiService: undefined })['KUBERNETES_SERVICE_PORT']).toBe('6443')
  })

  test('carries what the agreement with programs says', () => {
    expect(environment({})).toMatchObject({
      HOSTNAME: 'p',
      POD_NAME: 'p',
      POD_NAMESPACE: 'default',
      POD_UID: 'u',
      POD_IP: '127.64.0.1',
      NODE_NAME: 'n',
      PODIUM_IMAGE: 'nginx:v1',
      PODIUM_ROOT: '/r',
      PODIUM_TERMINATION_LOG: '/r/t',
    })
  })

  test('resolves references, in order, later over earlier', () => {
    const env = environment({
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }, { secretRef: { name: 's' } }],
      resources: { limits: { memory: '64Mi' }, requests: { cpu: '250m' } },
      env: [
        { name: 'A', value: 'one' },
        { name: 'B', value: '$(A)-$(p)-$(C)' },
        { name: 'C', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        {
          name: 'MEM',
          valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
        },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        {
          name: 'REQ',
          valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } },
        },
        { name: 'K', valueFrom: { configMapKeyRef: { name: 'cm', key: 'a' } } },
        { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'p' } } },
        { name: 'O', valueFrom: { secretKeyRef: { name: 'none', key: 'p', optional: true } } },
      ],
    })
    expect(env).toMatchObject({
      P_a: '1',
      'P_b-c': '2',
      p: 'pw',
      B: 'one-pw-$(C)',
      C: 'x',
      IP: '127.64.0.1',
      MEM: '64',
      CPU: '4',
      REQ: '250',
      K: '1',
      S: 'pw',
    })
    expect(env['O']).toBeUndefined()
  })

  test.each([
    [{ configMapKeyRef: { name: 'no', key: 'k' } }, 'configmap "no" not found'],
    [
      { configMapKeyRef: { name: 'cm', key: 'no' } },
      "couldn't find key no in ConfigMap default/cm",
    ],
    [{ secretKeyRef: { name: 's', key: 'no' } }, "couldn't find key no in Secret default/s"],
    [{ fieldRef: { fieldPath: 'spec.nothing' } }, 'unsupported fieldPath: spec.nothing'],
  ])('%j is refused', (valueFrom, message) => {
    expect(() => environment({ env: [{ name: 'X', valueFrom }] })).toThrow(message)
  })
})
