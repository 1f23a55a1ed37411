import { expect, test } from 'vitest'
import type { Ingress, IngressClass } from '../../../shared/kubernetes/ingress.ts'
import type { EndpointSlice, Service } from '../../../shared/kubernetes/network.ts'
import type { PodView } from '../../../shared/stage.ts'
import type { TrafficReport } from '../../../shared/traffic.ts'
import type { TrafficInput } from './trafficModel.ts'
import { trafficModel } from './trafficModel.ts'
import { trafficLayout, widthOf } from './trafficLayout.ts'

const classes: IngressClass[] = [
  { metadata: { name: 'podium' }, spec: { controller: 'podium.dev/ingress' } },
]
const ingress: Ingress = {
  metadata: { name: 'api', namespace: 'shop' },
  spec: {
    ingressClassName: 'podium',
    rules: [
      {
        host: 'api.example.com',
        http: {
          paths: ['/foo', '/foo2', '/old'].map((path) => ({
            path,
            pathType: 'Prefix' as const,
            backend: {
              service: { name: path === '/old' ? 'old' : 'foo', port: { number: 80 } },
            },
          })),
        },
      },
    ],
  },
  status: { loadBalancer: { ingress: [{ ip: '127.96.0.9' }] } },
}
const service: Service = {
  metadata: { name: 'foo', namespace: 'shop' },
  spec: { clusterIP: '127.96.0.7', ports: [{ port: 80 }] },
}
const slice: EndpointSlice = {
  metadata: {
    name: 'foo-1',
    namespace: 'shop',
    labels: { 'kubernetes.io/service-name': 'foo' },
  },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['127.64.0.2'], targetRef: { kind: 'Pod', name: 'foo-a' } }],
}
const pod = { key: 'shop/foo-a', name: 'foo-a', version: 'v2', state: 'ready' } as PodView
const report: TrafficReport = {
  at: 0,
  ingress: [
    {
      pod: 'kube-system/ingress',
      className: 'podium',
      backends: { 'shop/foo:80': { perSecond: 600, failedPerSecond: 2 } },
      problem: null,
    },
  ],
  bots: [
    {
      namespace: 'shop',
      pod: 'loadbot',
      ip: '127.64.0.9',
      target: { host: 'api.example.com', address: '127.96.0.9', port: 80, path: '/foo' },
      perSecond: 590,
      failedPerSecond: 0,
      byServer: { 'foo-a': 590 },
    },
  ],
  comparison: null,
}
const input: TrafficInput = {
  ingresses: [ingress],
  classes,
  services: [service],
  slices: [slice],
  pods: [pod],
  report,
  load: null,
  demo: null,
}

test('paths to one Service share its measured rate; a Service that is missing is said', () => {
  const model = trafficModel(input)
  expect(model.routes).toMatchObject([
    { service: 'shop/foo', paths: ['/foo', '/foo2'], rate: 600, failed: 2 },
    { service: 'shop/old', paths: ['/old'], rate: 0 },
  ])
  expect(model.services).toMatchObject([
    { name: 'foo', address: '127.96.0.7:80', problem: null, byPod: { 'foo-a': 590 } },
    { name: 'old', address: null, problem: 'does not exist', pods: [] },
  ])
  expect(model.ingresses).toMatchObject([
    { controller: 'Built-in', hosts: ['api.example.com'], address: '127.96.0.9', rate: 600 },
  ])
  expect(model.sources).toMatchObject([{ title: 'Loadbot for /foo', rate: 590 }])
})

test('what is not measured has no rate', () => {
  const model = trafficModel({ ...input, report: null })
  expect(model.routes.map(({ rate }) => rate)).toEqual([null, null])
  expect(model.sources).toEqual([])
})

test('strands carry the version of the pods behind them, and lead to no Service that is missing', () => {
  const { strands, rates } = trafficLayout(trafficModel(input), 1920, 500, ['v1', 'v2'])
  const tones = Object.fromEntries(strands.map(({ pod: edge, tone }) => [edge, tone]))
  expect(tones).toEqual({
    'source 127.96.0.9 /foo': 'unrouted',
    'route podium shop/foo:80': 2,
    'pods shop/foo 2': 2,
  })
  expect(rates['pods shop/foo 2']).toBe(590)
  expect(widthOf(1_000_000)).toBeGreaterThan(widthOf(1_000))
  expect(widthOf(null)).toBe(widthOf(0))
})
