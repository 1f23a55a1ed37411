import { expect, test } from 'vitest'
import type { Event, Lease } from '../../shared/kubernetes/cluster.ts'
import { eventView, fleetView, isNodeLost, nodeView, podView, serviceView } from './projections.ts'
import { loadbots, node, pod, service, slice } from './testing/objects.ts'

const now = Date.parse('2025-01-01T00:01:00Z')
const seat = { role: 'server', slot: 3, index: 7 } as const

test('a pod becomes a tile', () => {
  expect(podView(pod({ name: 'nginx-a', version: 'v2' }), seat, false, undefined, now)).toEqual({
    kind: 'pod',
    key: 'default/nginx-a',
    uid: 'uid-nginx-a',
    name: 'nginx-a',
    role: 'server',
    node: 'node-1',
    slot: 3,
    index: 7,
    version: 'v2',
    state: 'ready',
    progress: 1,
    restarts: 0,
    ip: '127.200.0.1',
    reason: null,
    since: Date.parse('2025-01-01T00:00:01Z'),
    stopsBy: null,
  })
})

test('`since` stays while the state does, and is now when it changes', () => {
  const first = podView(pod({ name: 'a', ready: false }), seat, false, undefined, now)
  expect(first.since).toBe(now)
  const same = podView(pod({ name: 'a', ready: false }), seat, false, first, now + 50)
  expect(same.since).toBe(now)
  const ready = podView(pod({ name: 'a' }), seat, false, same, now + 80)
  expect(ready).toMatchObject({ state: 'ready', since: now + 80 })
})

test('a node is Ready, not ready or lost', () => {
  expect(nodeView(node('n'))).toMatchObject({ name: 'n', ready: true, failed: false })
  expect(nodeView(node('n', 'False')).ready).toBe(false)
  expect(isNodeLost(node('n', 'False'))).toBe(false)
  expect(isNodeLost(node('n', 'Unknown'))).toBe(true)
  const failed = node('n')
  failed.metadata.annotations = { 'podium.dev/failed': 'true' }
  failed.metadata.labels = { 'podium.dev/simulated': 'true' }
  expect(nodeView(failed)).toMatchObject({ failed: true, simulated: true })
})

test('a Service counts addresses that get traffic, each once, and says the proxy mode', () => {
  const lease: Lease = {
    metadata: { name: 'service-proxy', annotations: { 'podium.dev/proxy-mode': 'userspace' } },
  }
  const slices = [
    slice([
      ['127.200.0.1', true],
      ['127.200.0.2', false],
      ['127.200.0.3', undefined],
    ]),
    slice([['127.200.0.1', true]]),
  ]
  expect(serviceView(service(), slices, lease)).toMatchObject({
    address: '127.96.0.42:80',
    endpoints: 2,
    proxyMode: 'userspace',
  })
  expect(serviceView(service(), [], undefined).proxyMode).toBeNull()
})

test('a ReplicationController is a fleet', () => {
  expect(fleetView(loadbots(4, ['--rate', '10']), undefined)).toMatchObject({
    name: 'loadbot',
    replicas: 4,
    ready: 4,
    ratePerLoadbot: 10,
    adjustable: false,
    fullLoad: null,
  })
})

test('an Event is told with its newest time', () => {
  const event: Event = {
    metadata: { name: 'e', namespace: 'default', creationTimestamp: '2025-01-01T00:00:00Z' },
    involvedObject: { kind: 'Pod', name: 'nginx-a' },
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    type: 'Warning',
    firstTimestamp: '2025-01-01T00:00:01Z',
    lastTimestamp: '2025-01-01T00:00:09Z',
  }
  expect(eventView(event)).toEqual({
    kind: 'event',
    key: 'default/e',
    at: Date.parse('2025-01-01T00:00:09Z'),
    type: 'Warning',
    reason: 'BackOff',
    about: 'Pod nginx-a',
    message: 'Back-off restarting failed container',
  })
  const sparse: Event = { metadata: { name: 'e' }, involvedObject: {}, lastTimestamp: null }
  expect(eventView(sparse)).toMatchObject({ at: 0, type: 'Normal', about: '' })
})
