import { expect, test } from 'vitest'
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import { PROGRAMMED_REVISION_ANNOTATION } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases } from '../../shared/kubernetes/kinds.ts'
import type { EndpointSlice } from '../../shared/kubernetes/network.ts'
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
  expect(isOutOfTraffic(IP, { slices, proxy: lease })).toBe(expected)
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
