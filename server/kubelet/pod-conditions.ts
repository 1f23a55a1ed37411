// The conditions a kubelet owns on a pod (kubelet: status/generate.go). Others, such as readiness gates, it leaves alone.
import type { Condition } from '../../shared/kubernetes/meta.ts'
import { conditionOf } from '../../shared/kubernetes/meta.ts'
import type { ContainerStatus, Pod, PodPhase } from '../../shared/kubernetes/pod.ts'

export interface ConditionFacts {
  phase: PodPhase
  initContainerStatuses: readonly ContainerStatus[]
  containerStatuses: readonly ContainerStatus[]
  /** Address and volumes are there. */
  readyToStart: boolean
  /** Why the kubelet evicts the pod, if it does. */
  eviction?: string | undefined
  /** ms since the epoch. */
  now: number
}

type Verdict = Pick<Condition, 'status'> & { reason?: string; message?: string }
const TRUE: Verdict = { status: 'True' }

/** The kubelet's conditions, in Kubernetes' order; the time of the last transition is kept while the status stays. */
export function podConditions(pod: Pod, facts: ConditionFacts): Condition[] {
  const containersReady = containersVerdict(facts)
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', { status: facts.readyToStart ? 'True' : 'False' }],
    ['Initialized', initializedVerdict(facts)],
    ['Ready', readyVerdict(pod, containersReady)],
    ['ContainersReady', containersReady],
    // The scheduler's word stands; a pod created with a node in its spec never met the scheduler.
    ['PodScheduled', TRUE],
  ]
  if (facts.eviction !== undefined) {
    const reason = 'TerminationByKubelet'
    verdicts.push(['DisruptionTarget', { status: 'True', reason, message: facts.eviction }])
  }
  return verdicts.map(([type, verdict]) => {
    const before = conditionOf(pod.status?.conditions, type)
    const kept = before?.status === verdict.status ? before.lastTransitionTime : undefined
    const time = new Date(facts.now).toISOString().replace(/\.\d+Z$/, 'Z')
    return { type, ...verdict, lastProbeTime: null, lastTransitionTime: kept ?? time }
  })
}

function initializedVerdict({ phase, initContainerStatuses }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  const open = initContainerStatuses.filter(({ ready }) => !ready).map(({ name }) => name)
  if (open.length === 0) return TRUE
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${open.join(' ')}]`,
  }
}

function containersVerdict({ phase, containerStatuses }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const unready = containerStatuses.filter(({ ready }) => !ready).map(({ name }) => name)
  if (unready.length === 0) return TRUE
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
}

function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const status = conditionOf(pod.status?.conditions, conditionType)?.status
    if (status === 'True') return []
    return status === undefined
      ? [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${status}`]
  })
  if (messages.length === 0) return TRUE
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}

/** `own` and those conditions of `known` that somebody else writes: a list of a merge patch replaces the whole list. */
export function withOthersConditions(
  own: readonly Condition[],
  known: readonly Condition[] | undefined,
): Condition[] {
  const types = new Set(own.map(({ type }) => type))
  return [...own, ...(known ?? []).filter(({ type }) => !types.has(type))]
}
