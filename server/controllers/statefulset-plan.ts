// Which pod of a StatefulSet is made, deleted or waited for next, in order of their numbers
// (statefulset/stateful_set_control.go, stateful_set_utils.go).
import { isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { isPodAvailable, isPodReady, isPodTerminal } from '../../shared/kubernetes/pod.ts'
import {
  REVISION_HASH_LABEL,
  type StatefulSet,
  type StatefulSetStatus,
} from '../../shared/kubernetes/sets.ts'

export interface StatefulPlan {
  create: { ordinal: number; revision: string }[]
  remove: Pod[]
  /** Among `remove`: they go because there are to be fewer. */
  condemned: Pod[]
  status: StatefulSetStatus
  /** A pod that is ready counts as available in so many ms. */
  againInMs: number | undefined
}

/** The number at the end of a pod's name; undefined when it is not one of this set's names. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`
  const name = metadata.name ?? ''
  const digits = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^(0|[1-9]\d{0,8})$/.test(digits) ? Number(digits) : undefined
}

const revisionOf = ({ metadata }: Pod): string => metadata.labels?.[REVISION_HASH_LABEL] ?? ''

/**
 * @param own the pods it controls
 * @param current the revision that pods below the partition are made of
 * @param update the revision of the template as it is now
 * @param now ms since epoch
 */
export function planStatefulSet(
  set: StatefulSet,
  own: readonly Pod[],
  current: string,
  update: string,
  now: number,
): StatefulPlan {
  const world = new World(set, own, current, update, now)
  const plan: StatefulPlan = {
    create: [],
    remove: [],
    condemned: [],
    status: world.status(),
    againInMs: world.againInMs(),
  }
  if (isBeingDeleted(set)) return plan
  if (!world.replace(plan) && !world.shrink(plan)) world.roll(plan)
  return plan
}

class World {
  readonly #set: StatefulSet
  readonly #byOrdinal = new Map<number, Pod>()
  readonly #current: string
  readonly #update: string
  readonly #now: number
  readonly #first: number
  readonly #end: number

  constructor(set: StatefulSet, own: readonly Pod[], current: string, update: string, now: number) {
    this.#set = set
    this.#current = current
    this.#update = update
    this.#now = now
    this.#first = set.spec.ordinals?.start ?? 0
    this.#end = this.#first + (set.spec.replicas ?? 1)
    for (const pod of own) {
      const ordinal = ordinalOf(set, pod)
      if (ordinal !== undefined) this.#byOrdinal.set(ordinal, pod)
    }
  }

  get #inOrder(): boolean {
    return this.#set.spec.podManagementPolicy !== 'Parallel'
  }

  get #partition(): number {
    return this.#first + (this.#set.spec.updateStrategy?.rollingUpdate?.partition ?? 0)
  }

  #isHealthy(pod: Pod | undefined): boolean {
    if (!pod || isBeingDeleted(pod) || isPodTerminal(pod)) return false
    return isPodAvailable(pod, this.#set.spec.minReadySeconds ?? 0, this.#now)
  }

  /** The revision a new pod of this number is made of (newVersionedStatefulSetPod). */
  #revisionFor(ordinal: number): string {
    const rolls = this.#set.spec.updateStrategy?.type !== 'OnDelete'
    return rolls && ordinal < this.#partition ? this.#current : this.#update
  }

  /** Makes what is missing, lowest first; true when the rest waits for it. */
  replace({ create, remove }: StatefulPlan): boolean {
    for (let ordinal = this.#first; ordinal < this.#end; ordinal += 1) {
      const pod = this.#byOrdinal.get(ordinal)
      if (this.#isHealthy(pod)) continue
      if (!pod) create.push({ ordinal, revision: this.#revisionFor(ordinal) })
      else if (isPodTerminal(pod) && !isBeingDeleted(pod)) remove.push(pod)
      // In order, each is waited for; side by side, only what is asked for at once is.
      if (this.#inOrder) return true
    }
    return false
  }

  /** Deletes what is too much, highest first; true when the rest waits for it. */
  shrink({ remove, condemned }: StatefulPlan): boolean {
    const outside = [...this.#byOrdinal.entries()]
      .filter(([ordinal]) => ordinal < this.#first || ordinal >= this.#end)
      .sort(([a], [b]) => b - a)
    for (const [, pod] of outside) {
      if (!isBeingDeleted(pod)) {
        remove.push(pod)
        condemned.push(pod)
      }
      if (this.#inOrder) return true
    }
    return false
  }

  /** Deletes one pod of an old revision, highest first, when all above it are well. */
  roll({ remove }: StatefulPlan): void {
    if (this.#set.spec.updateStrategy?.type === 'OnDelete') return
    for (let ordinal = this.#end - 1; ordinal >= this.#partition; ordinal -= 1) {
      const pod = this.#byOrdinal.get(ordinal)
      if (pod && revisionOf(pod) !== this.#update && !isBeingDeleted(pod)) {
        if (!remove.includes(pod)) remove.push(pod)
        return
      }
      if (!this.#isHealthy(pod)) return
    }
  }

  status(): StatefulSetStatus {
    const pods = [...this.#byOrdinal.values()].filter((pod) => !isPodTerminal(pod))
    const here = pods.filter((pod) => !isBeingDeleted(pod))
    const available = here.filter((pod) => this.#isHealthy(pod)).length
    const ready = here.filter(isPodReady).length
    const updated = here.filter((pod) => revisionOf(pod) === this.#update).length
    const isDone =
      this.#set.spec.updateStrategy?.type !== 'OnDelete' &&
      updated === pods.length &&
      ready === pods.length &&
      pods.length === (this.#set.spec.replicas ?? 1)
    const current = isDone ? this.#update : this.#current
    const { collisionCount = 0, conditions } = this.#set.status ?? {}
    return {
      observedGeneration: this.#set.metadata.generation ?? 0,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: available,
      currentReplicas: here.filter((pod) => revisionOf(pod) === current).length,
      updatedReplicas: updated,
      currentRevision: current,
      updateRevision: this.#update,
      collisionCount,
      ...(conditions && { conditions }),
    }
  }

  againInMs(): number | undefined {
    const { minReadySeconds = 0 } = this.#set.spec
    const waits = [...this.#byOrdinal.values()]
      .filter((pod) => isPodReady(pod) && !this.#isHealthy(pod) && !isBeingDeleted(pod))
      .map(({ status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')
        const since = Date.parse(ready?.lastTransitionTime ?? '')
        return since + minReadySeconds * 1000 - this.#now
      })
      .filter((wait) => wait > 0)
    return waits.length > 0 ? Math.min(...waits) : undefined
  }
}
