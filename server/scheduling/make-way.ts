// Carries out a preemption: the pod is nominated, its victims are told why and deleted.
import type { KubeClient } from '../../shared/client.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isNotFound } from '../../shared/status.ts'
import type { Clock } from '../machinery/clock.ts'
import type { EventRecorder } from '../machinery/events.ts'
import type { Log } from '../machinery/log.ts'
import { referenceTo } from './objects.ts'
import type { Preemption } from './preemption.ts'

interface Means {
  client: KubeClient
  clock: Clock
  log: Log
  events: EventRecorder
}

const STATUS = { type: 'strategic', subresource: 'status' } as const

/** Never rejects: whoever could not be made to go is tried again with the pod. */
export async function makeWay(
  means: Means,
  pod: Pod,
  { node, victims }: Preemption,
): Promise<void> {
  const { client, clock, log, events } = means
  const { namespace, name = '', uid } = pod.metadata
  const message = `Preempted by pod ${uid} on node ${node}`
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
    lastTransitionTime: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  try {
    const nomination = { status: { nominatedNodeName: node } }
    await client.patch(pods, { namespace, name }, nomination, STATUS)
    await Promise.all(
      victims.map(async (victim) => {
        const { metadata } = victim.pod
        const key = { namespace: metadata.namespace, name: metadata.name ?? '' }
        await client.patch(pods, key, { status: { conditions: [condition] } }, STATUS)
        await client.delete(pods, key, { preconditions: { uid: victim.uid } })
        events.event(referenceTo(victim.pod), 'Normal', 'Preempted', message)
      }),
    )
  } catch (error) {
    if (!isNotFound(error)) log.warn(`preemption for ${namespace}/${name}: ${String(error)}`)
  }
}
