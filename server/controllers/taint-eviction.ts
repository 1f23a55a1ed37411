// NoExecute taints: pods that do not tolerate them leave, others when their time is over
// (pkg/controller/tainteviction).
import type { Node, Taint } from '../../shared/kubernetes/cluster.ts'
import { nodes, pods } from '../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { covers } from '../../shared/kubernetes/tolerations.ts'
import { isNotFound } from '../../shared/status.ts'
import type { ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import { timeText } from '../machinery/clock.ts'
import { indexNodes, podsOn, referenceOf, source } from './owned.ts'

/** A NoExecute taint and since when it is there, ms since epoch. */
export interface StandingTaint {
  taint: Taint
  since: number
}

/** When the pod has to leave because of these taints, ms since epoch; Infinity when it may stay. */
export function leavesAt(pod: Pod, taints: readonly StandingTaint[]): number {
  const times = taints.map(({ taint, since }) => {
    const toleration = pod.spec.tolerations?.find((one) => covers(one, taint))
    if (!toleration) return 0
    const { tolerationSeconds } = toleration
    return tolerationSeconds === undefined
      ? Infinity
      : since + Math.max(0, tolerationSeconds) * 1000
  })
  return Math.min(Infinity, ...times)
}

/** The pods that have to leave now, and when the next one has to (ms from now). */
export function planEvictions(
  present: readonly Pod[],
  taints: readonly StandingTaint[],
  now: number,
): { evict: Pod[]; againInMs: number | undefined } {
  const evict: Pod[] = []
  let next = Infinity
  for (const pod of present) {
    if (isBeingDeleted(pod)) continue
    const at = leavesAt(pod, taints)
    if (at <= now) evict.push(pod)
    else next = Math.min(next, at)
  }
  return { evict, againInMs: next === Infinity ? undefined : next - now }
}

const standing = (node: Node | undefined): Taint[] =>
  (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

/** Starts the eviction by taints. */
export function startTaintEviction(deps: RoomDeps): Running {
  const nodeInformer = deps.informers.of(nodes)
  const podInformer = deps.informers.of(pods)
  indexNodes(podInformer)
  const events = createEventRecorder({ ...deps, component: 'taint-eviction-controller' })
  /** By node: when taints that do not say so were first seen. */
  const seen = new Map<string, Map<string, number>>()

  const standingOn = (name: string, now: number): StandingTaint[] => {
    const before = seen.get(name)
    const times = new Map<string, number>()
    const result = standing(nodeInformer.get(name)).map((taint) => {
      const id = `${taint.key}=${taint.value ?? ''}`
      const added = taint.timeAdded === undefined ? undefined : Date.parse(taint.timeAdded)
      const since = added ?? before?.get(id) ?? now
      times.set(id, since)
      return { taint, since }
    })
    if (times.size > 0) seen.set(name, times)
    else seen.delete(name)
    return result
  }

  const reconcile = async (name: string): Promise<ReconcileResult> => {
    await podInformer.synced
    const now = deps.clock.now()
    const taints = standingOn(name, now)
    if (taints.length === 0) return
    const plan = planEvictions(podsOn(podInformer, name), taints, now)
    await allAtOnce(plan.evict, (pod) => evict(deps, events, pod))
    return plan.againInMs === undefined ? undefined : { againInMs: plan.againInMs }
  }

  return startController(deps, {
    name: 'taint-eviction-controller',
    for: nodes,
    watches: [
      source(pods, ({ spec: { nodeName } }) =>
        nodeName && standing(nodeInformer.get(nodeName)).length > 0 ? [nodeName] : [],
      ),
    ],
    reconcile,
  })
}

async function evict(deps: RoomDeps, events: EventRecorder, pod: Pod): Promise<void> {
  const { client, clock } = deps
  const { namespace, name = '', uid = '' } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: timeText(clock.now()),
  }
  const message = `Marking for deletion Pod ${namespace}/${name}`
  events.event(referenceOf(pods, pod), 'Normal', 'TaintManagerEviction', message)
  try {
    const options = { type: 'strategic', subresource: 'status' } as const
    const patch = { status: { conditions: [condition] } }
    await client.patch(pods, { namespace, name }, patch, options)
    await client.delete(pods, { namespace, name }, { preconditions: { uid } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
