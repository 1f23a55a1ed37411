// The pods of a rollout: which ReplicaSet is the present one, which the one before, and what their pods do. Pure.
import type { Pod, PodTemplateSpec } from '../../shared/kubernetes/pod.ts'
import { isPodActive, isPodAvailable, isPodReady } from '../../shared/kubernetes/pod.ts'
import type { Deployment, ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import { POD_TEMPLATE_HASH, REVISION_ANNOTATION } from '../../shared/kubernetes/workloads.ts'

/** A ReplicaSet of the Deployment with the pods it controls. */
export interface SetWithPods {
  set: ReplicaSet
  pods: readonly Pod[]
}

/** What is counted of the pods of the present template and of all older ones. */
export interface RolloutCounts {
  replicas: number
  newPods: readonly Pod[]
  oldPods: readonly Pod[]
  newReady: number
  oldReady: number
  available: number
}

/** The ReplicaSet of the present template (deploymentutil.FindNewReplicaSet: equal but for the hash label). */
export function currentSet(
  deployment: Deployment,
  sets: readonly SetWithPods[],
): SetWithPods | undefined {
  const wanted = templateText(deployment.spec.template)
  return sets.find(({ set }) => templateText(set.spec.template) === wanted)
}

/** The newest revision with another template: what `kubectl rollout undo` goes back to. */
export function previousSet(
  deployment: Deployment,
  sets: readonly SetWithPods[],
): SetWithPods | undefined {
  const current = currentSet(deployment, sets)
  const revision = ({ set }: SetWithPods): number =>
    Number(set.metadata.annotations?.[REVISION_ANNOTATION] ?? 0)
  return sets
    .filter((each) => each !== current && revision(each) > 0)
    .reduce<SetWithPods | undefined>(
      (newest, each) => (newest && revision(newest) >= revision(each) ? newest : each),
      undefined,
    )
}

/** A template as text, without the hash label and independent of the order of keys. */
function templateText(template: PodTemplateSpec | undefined): string {
  return JSON.stringify(template, (key, value: unknown) => {
    if (key === POD_TEMPLATE_HASH) return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const entries = Object.entries(value).filter(([, part]) => part !== null)
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** Counts the pods that are neither finished nor going. */
export function countPods(
  deployment: Deployment,
  sets: readonly SetWithPods[],
  current: SetWithPods | undefined,
  now: number,
): RolloutCounts {
  const newPods = (current?.pods ?? []).filter(isPodActive)
  const oldPods = sets
    .filter((each) => each !== current)
    .flatMap(({ pods }) => pods.filter(isPodActive))
  const minReady = deployment.spec.minReadySeconds ?? 0
  const available = (pod: Pod): boolean => isPodAvailable(pod, minReady, now)
  return {
    replicas: deployment.spec.replicas ?? 1,
    newPods,
    oldPods,
    newReady: newPods.filter(isPodReady).length,
    oldReady: oldPods.filter(isPodReady).length,
    available: newPods.filter(available).length + oldPods.filter(available).length,
  }
}
