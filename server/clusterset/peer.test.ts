import { expect, test } from 'vitest'
import { PROGRAMMED_REVISION_ANNOTATION } from '../../shared/kubernetes/cluster.ts'
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases, services } from '../../shared/kubernetes/kinds.ts'
import {
  CLUSTER_NAME_PROPERTY,
  clusterProperties,
  MULTICLUSTER_SERVICE_LABEL,
  serviceExports,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice } from '../../shared/kubernetes/network.ts'
import { unauthorized, unavailable } from '../../shared/status.ts'
import { createLog } from '../machinery/log.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import { createFakeClient } from '../machinery/testing/fake-client.ts'
import { Peer } from './peer.ts'

const KEY = 'shop/web'
const AT = { namespace: 'shop', name: 'web' }
const LEASE = { namespace: 'kube-system', name: 'clusterset-here' }
const slice = (...addresses: string[]): EndpointSlice => ({
  metadata: {
    namespace: 'shop',
    name: 'web-east-1',
    labels: { [MULTICLUSTER_SERVICE_LABEL]: 'web', [SOURCE_CLUSTER_LABEL]: 'east' },
  },
  addressType: 'IPv4',
  endpoints: [{ addresses }],
})

async function follow(calledThere = 'east') {
  const property = { metadata: { name: CLUSTER_NAME_PROPERTY }, spec: { value: calledThere } }
  const remote = createFakeClient([
    [clusterProperties, property],
    [services, { metadata: AT }],
    [serviceExports, { metadata: AT }],
    [endpointSlices, slice('127.200.0.1')],
    [leases, { metadata: LEASE }],
  ])
  const clock = createManualClock()
  const states: string[] = []
  const touched: string[] = []
  const peer = new Peer({
    name: 'east',
    own: 'here',
    client: remote,
    clock,
    log: createLog('error', () => undefined),
    introduce: async () => undefined,
    onService: (key) => touched.push(key),
    onState: (state) => states.push(state),
  })
  await clock.advance(10)
  const lease = (): Promise<Lease> => remote.get(leases, LEASE)
  const acknowledged = async (): Promise<string | undefined> =>
    (await lease()).metadata.annotations?.[PROGRAMMED_REVISION_ANNOTATION]
  return { peer, remote, clock, states, touched, lease, acknowledged }
}

/** Everything fails from now on; answers how to end that. */
function silence(remote: ReturnType<typeof createFakeClient>, error = unavailable('gone')) {
  const failing = { get: () => Promise.reject(error), patch: () => Promise.reject(error) }
  Object.assign(remote, failing)
  return () => {
    for (const method of Object.keys(failing)) Reflect.deleteProperty(remote, method)
  }
}

test('what it exports is known once it is connected, and changes are told', async () => {
  const { peer, remote, clock, states, touched } = await follow()
  expect(states).toEqual(['connected'])
  expect(peer.exported()).toEqual([KEY])
  expect(peer.at(KEY)?.slices.flatMap(({ endpoints }) => endpoints)).toHaveLength(1)
  touched.length = 0
  await remote.patch(endpointSlices, { namespace: 'shop', name: 'web-east-1' }, slice('a', 'b'), {
    type: 'merge',
  })
  await clock.advance(1)
  expect(touched).toEqual([KEY])
  peer.close()
})

test('it hears that we are there, and up to where its endpoints are in force', async () => {
  const { peer, clock, lease, acknowledged } = await follow()
  const before = Number(await acknowledged())
  expect(before).toBeLessThan(peer.newest)
  peer.programmed(7)
  peer.wrote(KEY, peer.newest, 8)
  await clock.advance(1)
  expect(Number(await acknowledged())).toBe(before)
  peer.programmed(8)
  await clock.advance(1)
  expect(Number(await acknowledged())).toBe(peer.newest)
  const first = (await lease()).spec?.renewTime
  await clock.advance(1100)
  expect((await lease()).spec?.renewTime).not.toBe(first)
  peer.close()
})

test('one that falls silent is lost within seconds, and is back when it answers', async () => {
  const { peer, remote, clock, states } = await follow()
  const speakAgain = silence(remote)
  await clock.advance(1500)
  expect(peer.at(KEY)).toBeDefined()
  await clock.advance(2500)
  expect(states).toEqual(['connected', 'lost'])
  expect(peer.at(KEY)).toBeUndefined()
  speakAgain()
  await clock.advance(3500)
  expect(states).toEqual(['connected', 'lost', 'connected'])
  peer.close()
})

test('one that refuses us does so at once', async () => {
  const { peer, remote, clock, states } = await follow()
  silence(remote, unauthorized())
  await clock.advance(1100)
  expect(states).toEqual(['connected', 'refused'])
  peer.close()
})

test('another cluster at its address is a stranger', async () => {
  const { peer, states } = await follow('north')
  expect(states).toEqual(['refused'])
  expect(peer.exported()).toEqual([])
  peer.close()
})
