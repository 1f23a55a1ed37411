// Which nodes get a pod of a DaemonSet, lose one, and get a new one in the place of an old one
// (daemon/daemon_controller.go, update.go).
import type { Node } from '../../shared/kubernetes/cluster.ts'
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { nodeTest } from '../../shared/kubernetes/node-affinity.ts'
import type { Pod, PodSpec, Toleration } from '../../shared/kubernetes/pod.ts'
import { isPodAvailable, isPodReady, isPodTerminal } from '../../shared/kubernetes/pod.ts'
import {
  REVISION_HASH_LABEL,
  type DaemonSet,
  type DaemonSetStatus,
} from '../../shared/kubernetes/sets.ts'
import { tolerates } from '../../shared/kubernetes/tolerations.ts'

export interface DaemonPlan {
  /** Names of nodes that get a pod. */
  create: string[]
  remove: Pod[]
  /** Among `remove`: they ended and are made anew. */
  failed: Pod[]
  status: DaemonSetStatus
  /** A pod that is ready counts as available in so many ms. */
  againInMs: number | undefined
}

const NO_SCHEDULE = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable']

/** What pods of DaemonSets put up with besides what they say (AddOrUpdateDaemonPodTolerations). */
export function daemonTolerations({ hostNetwork, tolerations = [] }: PodSpec): Toleration[] {
  const added = [
    ...['not-ready', 'unreachable'].map((name) => [name, 'NoExecute'] as const),
    ...NO_SCHEDULE.map((name) => [name, 'NoSchedule'] as const),
    ...(hostNetwork ? [['network-unavailable', 'NoSchedule'] as const] : []),
  ].map(([name, effect]) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists' as const,
    effect,
  }))
  return [...tolerations, ...added]
}

/** The node a pod of a DaemonSet is on, or is made for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const affinity = spec.affinity?.['nodeAffinity'] as
    | {
        requiredDuringSchedulingIgnoredDuringExecution?: {
          nodeSelectorTerms?: { matchFields?: { key: string; values?: string[] }[] }[]
        }
      }
    | undefined
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  return terms[0]?.matchFields?.find(({ key }) => key === 'metadata.name')?.values?.[0]
}

/** Whether a pod belongs on the node, and whether one that is there may stay (NodeShouldRunDaemonPod). */
export function nodeSuits(set: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const { spec } = set.spec.template
  const name = node.metadata.name
  const isWanted =
    (nodeTest({ spec })?.(node) ?? true) && (!spec.nodeName || spec.nodeName === name)
  if (!isWanted) return { run: false, stay: false }
  const tolerations = daemonTolerations(spec)
  const taints = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint),
  )
  return { run: taints.length === 0, stay: !taints.some(({ effect }) => effect === 'NoExecute') }
}

interface Place {
  node: string
  run: boolean
  pods: Pod[]
}

/**
 * @param own the pods it controls
 * @param revision the hash of the template as it is now
 * @param now ms since epoch
 */
export function planDaemonSet(
  set: DaemonSet,
  own: readonly Pod[],
  nodes: Iterable<Node>,
  revision: string,
  now: number,
): DaemonPlan {
  const byNode = new Map<string, Pod[]>()
  for (const pod of own) {
    const node = nodeOf(pod) ?? ''
    byNode.set(node, [...(byNode.get(node) ?? []), pod])
  }
  const plan = { create: [] as string[], remove: [] as Pod[], failed: [] as Pod[] }
  const places: Place[] = []
  for (const node of nodes) {
    const name = node.metadata.name ?? ''
    const { run, stay } = nodeSuits(set, node)
    const pods = (byNode.get(name) ?? []).sort(byAge)
    byNode.delete(name)
    places.push({ node: name, run, pods })
    if (!isBeingDeleted(set)) manage(set, { node: name, run, pods }, stay, plan)
  }
  const update = new Update(set, revision, now)
  if (!isBeingDeleted(set)) update.roll(places, plan)
  return { ...plan, status: update.status(places), againInMs: update.againInMs(places) }
}

const byAge = (a: Pod, b: Pod): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')

type Changes = Pick<DaemonPlan, 'create' | 'remove' | 'failed'>

function manage(
  set: DaemonSet,
  { node, run, pods }: Place,
  stay: boolean,
  { create, remove, failed }: Changes,
): void {
  const here = pods.filter((pod) => !isBeingDeleted(pod))
  if (!stay) {
    remove.push(...here)
    return
  }
  const ended = here.filter(isPodTerminal)
  remove.push(...ended)
  failed.push(...ended)
  const living = here.filter((pod) => !isPodTerminal(pod))
  // An old and a new pod stand side by side only where an update may surge.
  const most = surgeOf(set, 2) > 0 ? 2 : 1
  remove.push(...living.slice(most))
  // What is going is waited for, and what ended is cleared away first.
  if (run && pods.length === 0) create.push(node)
}

function amount(value: number | string | undefined, of: number): number {
  if (typeof value === 'number') return value
  return value === undefined ? 0 : Math.ceil((Number.parseInt(value, 10) * of) / 100)
}

function surgeOf({ spec }: DaemonSet, nodes: number): number {
  return amount(spec.updateStrategy?.rollingUpdate?.maxSurge, nodes)
}

class Update {
  readonly #set: DaemonSet
  readonly #revision: string
  readonly #now: number

  constructor(set: DaemonSet, revision: string, now: number) {
    this.#set = set
    this.#revision = revision
    this.#now = now
  }

  #isNew = ({ metadata }: Pod): boolean => metadata.labels?.[REVISION_HASH_LABEL] === this.#revision

  #isAvailable = (pod: Pod): boolean =>
    !isBeingDeleted(pod) && isPodAvailable(pod, this.#set.spec.minReadySeconds ?? 0, this.#now)

  /** Replaces pods of old templates as fast as the strategy allows. */
  roll(places: readonly Place[], changes: Changes): void {
    const { type, rollingUpdate } = this.#set.spec.updateStrategy ?? {}
    if (type === 'OnDelete') return
    const wanted = places.filter(({ run }) => run)
    const surge = amount(rollingUpdate?.maxSurge, wanted.length)
    if (surge > 0) this.#rollWithSurge(wanted, surge, changes)
    else {
      const most = amount(rollingUpdate?.maxUnavailable ?? 1, wanted.length)
      this.#rollInPlace(wanted, most, changes)
    }
  }

  /** Old pods that do not serve go at once; of the others as many as may be missing. */
  #rollInPlace(wanted: readonly Place[], most: number, { remove }: Changes): void {
    let missing = 0
    const candidates: Pod[] = []
    for (const { pods } of wanted) {
      const here = pods.filter((pod) => !isBeingDeleted(pod) && !remove.includes(pod))
      const serves = here.some(this.#isAvailable)
      if (!serves) missing += 1
      const old = here.find((pod) => !this.#isNew(pod))
      if (!old) continue
      if (serves) candidates.push(old)
      else remove.push(old)
    }
    remove.push(...candidates.slice(0, Math.max(0, most - missing)))
  }

  /** The new pod comes first; when it serves, the old one goes. */
  #rollWithSurge(wanted: readonly Place[], most: number, { create, remove }: Changes): void {
    let surging = 0
    const candidates: string[] = []
    for (const { node, pods } of wanted) {
      const here = pods.filter((pod) => !isBeingDeleted(pod) && !remove.includes(pod))
      const old = here.find((pod) => !this.#isNew(pod))
      const fresh = here.find(this.#isNew)
      if (!old) continue
      if (fresh) {
        if (this.#isAvailable(fresh)) remove.push(old)
        else surging += 1
      } else if (this.#isAvailable(old)) candidates.push(node)
      else create.push(node)
    }
    create.push(...candidates.slice(0, Math.max(0, most - surging)))
  }

  status(places: readonly Place[]): DaemonSetStatus {
    const wanted = places.filter(({ run }) => run)
    const first = wanted.map(({ pods }) => pods.filter((pod) => !isPodTerminal(pod)))
    const available = first.filter((pods) => pods.some(this.#isAvailable)).length
    const { collisionCount, conditions } = this.#set.status ?? {}
    return {
      currentNumberScheduled: first.filter((pods) => pods.length > 0).length,
      numberMisscheduled: places.filter(({ run, pods }) => !run && pods.length > 0).length,
      desiredNumberScheduled: wanted.length,
      numberReady: first.filter((pods) => pods.some(isPodReady)).length,
      observedGeneration: this.#set.metadata.generation ?? 0,
      updatedNumberScheduled: first.filter((pods) => pods.some(this.#isNew)).length,
      numberAvailable: available,
      numberUnavailable: wanted.length - available,
      ...(collisionCount !== undefined && { collisionCount }),
      ...(conditions && { conditions }),
    }
  }

  againInMs(places: readonly Place[]): number | undefined {
    const { minReadySeconds = 0 } = this.#set.spec
    const waits = places
      .flatMap(({ pods }) => pods)
      .filter((pod) => isPodReady(pod) && !this.#isAvailable(pod) && !isBeingDeleted(pod))
      .map(({ status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')
        return Date.parse(ready?.lastTransitionTime ?? '') + minReadySeconds * 1000 - this.#now
      })
      .filter((wait) => wait > 0)
    return waits.length > 0 ? Math.min(...waits) : undefined
  }
}
