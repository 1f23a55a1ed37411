import { beforeEach, describe, expect, it } from 'vitest'
import { events, namespaces, pods } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { internal, notFound } from '../../shared/status.ts'
import type { EventRecorder } from './events.ts'
import { createEventRecorder } from './events.ts'
import { createLog } from './log.ts'
import type { ManualClock } from './manual-clock.ts'
import { createManualClock } from './manual-clock.ts'
import type { FakeClient } from './testing/fake-client.ts'
import { createFakeClient } from './testing/fake-client.ts'

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: pods.kind,
  metadata: { namespace: 'x', name: 'a', uid: 'u1', resourceVersion: '7' },
}

describe('event recorder', () => {
  let client: FakeClient
  let clock: ManualClock
  let recorder: EventRecorder

  const recorded = async () => {
    await recorder.flushed()
    return (await client.list(events)).items
  }

  beforeEach(() => {
    client = createFakeClient()
    clock = createManualClock()
    const log = createLog('error', () => {})
    recorder = createEventRecorder({ client, clock, log, component: 'kubelet', host: 'node-1' })
  })

  it('writes an Event as Kubernetes does', async () => {
    recorder.event(pod, 'Normal', 'Started', 'Started container web')
    expect(await recorded()).toMatchObject([
      {
        metadata: { namespace: 'x', name: expect.stringMatching(/^a\.[0-9a-f]+$/) as string },
        involvedObject: { kind: 'Pod', namespace: 'x', name: 'a', uid: 'u1', resourceVersion: '7' },
        type: 'Normal',
        reason: 'Started',
        message: 'Started container web',
        count: 1,
        firstTimestamp: '2025-01-01T00:00:00Z',
        lastTimestamp: '2025-01-01T00:00:00Z',
        source: { component: 'kubelet', host: 'node-1' },
      },
    ])
  })

  it('counts repeats on one Event', async () => {
    recorder.event(pod, 'Warning', 'BackOff', 'restarting failed container')
    await recorder.flushed()
    await clock.advance(5000)
    recorder.event(pod, 'Warning', 'BackOff', 'restarting failed container')
    recorder.event(pod, 'Warning', 'BackOff', 'restarting failed container')
    const [event, ...others] = await recorded()
    expect(others).toEqual([])
    expect(event).toMatchObject({
      count: 3,
      firstTimestamp: '2025-01-01T00:00:00Z',
      lastTimestamp: '2025-01-01T00:00:05Z',
    })
  })

  it('starts a new Event when the old one has expired', async () => {
    recorder.event(pod, 'Normal', 'Pulled', 'image')
    const [first] = await recorded()
    await client.delete(events, { namespace: 'x', name: first!.metadata.name! })
    recorder.event(pod, 'Normal', 'Pulled', 'image')
    expect(await recorded()).toMatchObject([{ count: 2 }])
  })

  it('combines many messages of one reason, and mutes an object that talks too much', async () => {
    for (let n = 0; n < 40; n++) recorder.event(pod, 'Warning', 'Unhealthy', `probe ${n}`)
    const all = await recorded()
    const combined = all.filter((event) => event.message?.startsWith('(combined'))
    expect(combined).toHaveLength(1)
    expect(all).toHaveLength(11)
    const total = all.reduce((sum, event) => sum + (event.count ?? 0), 0)
    expect(total).toBe(25)
    await clock.advance(300_000)
    recorder.event(pod, 'Normal', 'Started', 'speaks again')
    expect((await recorded()).some((event) => event.message === 'speaks again')).toBe(true)
  })

  it('does not try in a circle what cannot be written any more', async () => {
    recorder.event(pod, 'Warning', 'Unhealthy', 'Readiness probe failed')
    await recorder.flushed()
    client.failNext('patch', notFound(events, 'a'))
    client.failNext('create', notFound(namespaces, 'x'))
    await clock.advance(5000)
    recorder.event(pod, 'Warning', 'Unhealthy', 'Readiness probe failed')
    const [event] = await recorded()
    expect(event?.count).toBe(1)
  })

  it('never throws, and a failure loses only that Event', async () => {
    client.failNext('create', internal('down'))
    recorder.event(pod, 'Normal', 'Lost', 'lost')
    await recorder.flushed()
    recorder.event(pod, 'Normal', 'Kept', 'kept')
    expect(await recorded()).toMatchObject([{ reason: 'Kept' }])
  })
})
