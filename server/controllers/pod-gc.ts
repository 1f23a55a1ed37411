// Pods that nobody else will take away: those on nodes that no longer exist, those that left before they got a node, and
// finished ones beyond a number (pkg/controller/podgc).
import { nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodTerminal } from '../../shared/kubernetes/pod.ts'
import type { ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import { ignoreNotFound } from './objects.ts'
import { timeText } from '../machinery/clock.ts'
import { indexNodes, podsOn, source, UNASSIGNED } from './owned.ts'

export interface PodGcOptions {
  /** A node may be away so long before its pods are given up, milliseconds. */
  missingNodeMs: number
  /** Finished pods kept. */
  finishedPods: number
}

export const POD_GC_DEFAULTS: PodGcOptions = { missingNodeMs: 2000, finishedPods: 12_500 }

const FINISHED = 'controllers/finished'
/** A key that no node can have. */
const FINISHED_KEY = '#finished'

/** The oldest finished pods, as many as there are beyond `limit`. */
export function surplusFinished(finished: readonly Pod[], limit: number): Pod[] {
  const age = ({ metadata }: Pod): string => `${metadata.creationTimestamp} ${metadata.name}`
  return finished
    .toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
    .slice(0, Math.max(0, finished.length - limit))
}

/** Starts the collection of pods. */
export function startPodGc(deps: RoomDeps, options: PodGcOptions): Running {
  const nodeInformer = deps.informers.of(nodes)
  const podInformer = deps.informers.of(pods)
  indexNodes(podInformer)
  podInformer.addIndex(FINISHED, (pod) => (isPodTerminal(pod) ? [FINISHED_KEY] : []))
  const missingSince = new Map<string, number>()

  const keysFor = (pod: Pod): string[] => {
    const { nodeName } = pod.spec
    const keys: string[] = []
    if (nodeName && !nodeInformer.get(nodeName)) keys.push(nodeName)
    if (!nodeName && isBeingDeleted(pod)) keys.push(UNASSIGNED)
    if (podInformer.byIndex(FINISHED, FINISHED_KEY).length > options.finishedPods) {
      keys.push(FINISHED_KEY)
    }
    return keys
  }

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    await podInformer.synced
    if (key === FINISHED_KEY) {
      const finished = podInformer.byIndex(FINISHED, FINISHED_KEY)
      await allAtOnce(surplusFinished(finished, options.finishedPods), (pod) => remove(deps, pod))
    } else if (key === UNASSIGNED) {
      const left = podsOn(podInformer, key).filter(isBeingDeleted)
      await allAtOnce(left, (pod) => remove(deps, pod))
    } else return reconcileNode(key)
  }

  const reconcileNode = async (name: string): Promise<ReconcileResult> => {
    const now = deps.clock.now()
    const lost = podsOn(podInformer, name)
    if (nodeInformer.get(name) || lost.length === 0) {
      missingSince.delete(name)
      return
    }
    const since = missingSince.get(name) ?? now
    missingSince.set(name, since)
    const wait = since + options.missingNodeMs - now
    if (wait > 0) return { againInMs: wait }
    await allAtOnce(lost, async (pod) => {
      if (!isPodTerminal(pod)) await markFailed(deps, pod)
      await remove(deps, pod)
    })
  }

  return startController(deps, {
    name: 'pod-garbage-collector',
    for: nodes,
    watches: [source(pods, keysFor)],
    reconcile,
  })
}

/** Says that the pod failed, before it goes: whoever counts its work learns of it. */
async function markFailed({ client, clock }: RoomDeps, pod: Pod): Promise<void> {
  const { namespace, name = '' } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastTransitionTime: timeText(clock.now()),
  }
  const patch = { status: { phase: 'Failed', conditions: [condition] } }
  await client
    .patch(pods, { namespace, name }, patch, { type: 'strategic', subresource: 'status' })
    .catch(ignoreNotFound)
}

async function remove({ client }: RoomDeps, pod: Pod): Promise<void> {
  const { namespace, name = '', uid = '' } = pod.metadata
  const options = { gracePeriodSeconds: 0, preconditions: { uid } }
  await client.delete(pods, { namespace, name }, options).catch(ignoreNotFound)
}
