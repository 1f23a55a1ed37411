import { expect, test } from 'vitest'
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import { PROGRAMMED_REVISION_ANNOTATION } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases } from '../../shared/kubernetes/kinds.ts'
import {
  MULTICLUSTER_SERVICE_LABEL,
  PEER_LABEL,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import { createInformers } from '../machinery/informer.ts'
import { createLog } from '../machinery/log.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import { createFakeClient } from '../machinery/testing/fake-client.ts'
import { isOutOfTraffic, startTrafficGate } from './traffic-gate.ts'

const IP = '127.200.0.1'
const slice = (ready: boolean, resourceVersion: string): EndpointSlice => ({
  metadata: { name: 's', namespace: 'default', resourceVersion },
  addressType: 'IPv4',
  endpoints: [{ addresses: [IP], conditions: { ready } }],
})
const proxy = (revision: string): Lease => ({
  metadata: {
    name: 'service-proxy',
    namespace: 'kube-system',
    annotations: { [PROGRAMMED_REVISION_ANNOTATION]: revision },
  },
})

test.each([
  ['no slice lists it', [], proxy('1'), true],
  ['listed as ready', [slice(true, '5')], proxy('9'), false],
  ['not ready, not yet programmed', [slice(false, '5')], proxy('4'), false],
  ['not ready and programmed', [slice(false, '5')], proxy('5'), true],
  ['not ready, and there is no service proxy', [slice(false, '5')], undefined, true],
  ['revisions compare as numbers', [slice(false, '9')], proxy('10'), true],
])('%s', (_what, slices, lease, expected) => {
  expect(isOutOfTraffic(IP, { slices, proxy: lease, importers: [] })).toBe(expected)
})

const labelled = (revision: string, labels: Record<string, string>): EndpointSlice => {
  const plain = slice(false, revision)
  return { ...plain, metadata: { ...plain.metadata, labels } }
}
const exported = (revision: string): EndpointSlice =>
  labelled(revision, {
    [SERVICE_NAME_LABEL]: 'derived-1',
    [MULTICLUSTER_SERVICE_LABEL]: 'web',
    [SOURCE_CLUSTER_LABEL]: 'east',
  })

test.each([
  ['an importer has not programmed it', [exported('5')], [proxy('4')], false],
  ['all importers have programmed it', [exported('5')], [proxy('5'), proxy('7')], true],
  ['an importer says nothing', [exported('5')], [{ metadata: {} }], true],
  ['nothing is exported', [labelled('5', { [SERVICE_NAME_LABEL]: 'web' })], [proxy('4')], true],
])('across clusters: %s', (_what, slices, importers, expected) => {
  expect(isOutOfTraffic(IP, { slices, proxy: proxy('9'), importers })).toBe(expected)
})

test('a headless export needs no service proxy', () => {
  const headless = labelled('5', {
    [MULTICLUSTER_SERVICE_LABEL]: 'web',
    [SOURCE_CLUSTER_LABEL]: 'east',
  })
  expect(isOutOfTraffic(IP, { slices: [headless], proxy: proxy('4'), importers: [] })).toBe(true)
})

test('waits for another cluster as long as that is there', async () => {
  const clock = createManualClock()
  const importer = (name: string, ago: number): Lease => ({
    metadata: {
      ...proxy('1').metadata,
      name,
      labels: { [PEER_LABEL]: name },
    },
    spec: {
      renewTime: new Date(clock.now() - ago).toISOString(),
      leaseDurationSeconds: 3,
    },
  })
  const client = createFakeClient([
    [leases, importer('gone', 5000)],
    [leases, importer('there', 1000)],
    [endpointSlices, exported('')],
  ])
  const log = createLog('error', () => undefined)
  const informers = createInformers(client, clock, log)
  const gate = startTrafficGate({ client, informers, clock, log })
  await Promise.all([informers.of(endpointSlices).synced, informers.of(leases).synced])
  let answer: boolean | undefined
  void gate.closed('default', IP, 10_000).then((closed) => (answer = closed))
  await clock.advance(1)
  expect(answer).toBeUndefined()
  const annotations = { [PROGRAMMED_REVISION_ANNOTATION]: String(client.revision) }
  const key = { namespace: 'kube-system', name: 'there' }
  await client.patch(leases, key, { metadata: { annotations } }, { type: 'merge' })
  await clock.advance(1)
  expect(answer).toBe(true)
  gate.close()
  informers.close()
})

test('waits for the endpoint to go and for the proxy to say so, but not for ever', async () => {
  const client = createFakeClient()
  const clock = createManualClock()
  const log = createLog('error', () => undefined)
  const informers = createInformers(client, clock, log)
  const made = await client.create(endpointSlices, slice(true, ''))
  await client.create(leases, proxy('1'))
  const gate = startTrafficGate({ client, informers, clock, log })
  await Promise.all([informers.of(endpointSlices).synced, informers.of(leases).synced])
  const answers: string[] = []
  const wait = (name: string, maxMs: number) =>
    gate.closed('default', IP, maxMs).then((closed) => answers.push(`${name} ${closed}`))
  void wait('short', 500)
  void wait('long', 10_000)
  await clock.advance(600)
  expect(answers).toEqual(['short false'])
  const updated = await client.update(endpointSlices, {
    ...made,
    endpoints: slice(false, '').endpoints,
  })
  await clock.advance(100)
  expect(answers).toEqual(['short false'])
  await client.patch(
    leases,
    { namespace: 'kube-system', name: 'service-proxy' },
    {
      metadata: {
        annotations: { [PROGRAMMED_REVISION_ANNOTATION]: updated.metadata.resourceVersion },
      },
    },
    { type: 'merge' },
  )
  await clock.advance(1)
  expect(answers).toEqual(['short false', 'long true'])
  gate.close()
  informers.close()
})
