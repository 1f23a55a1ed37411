// A pod's line in `kubectl get pods` (printers/internalversion printPod): the STATUS word is worked out from phase, reason,
// conditions and container states, in an order that people rely on.
import { conditionOf, isBeingDeleted } from '../../../shared/kubernetes/meta.ts'
import type { ContainerState, ContainerStatus, Pod } from '../../../shared/kubernetes/pod.ts'
import { isPodReady, isPodTerminal } from '../../../shared/kubernetes/pod.ts'
import { ageColumn, nameColumn, NONE, since, text } from './rules/print.ts'
import type { Column } from './strategy.ts'

export interface PodLine {
  ready: string
  status: string
  restarts: string
}

type Terminated = NonNullable<ContainerState['terminated']>

function terminatedWord({ reason, signal, exitCode }: Terminated): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)
}

/** `Init:…` of the first init container that is not done; undefined when all are. */
function initWord(pod: Pod): string | undefined {
  const total = pod.spec.initContainers?.length ?? 0
  const statuses = pod.status?.initContainerStatuses ?? []
  const index = statuses.findIndex(({ state }) => state?.terminated?.exitCode !== 0)
  const current = statuses[index]
  if (!current) return undefined
  const { terminated, waiting } = current.state ?? {}
  if (terminated) return `Init:${terminatedWord(terminated)}`
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`
  return `Init:${index}/${total}`
}

function runs({ ready, state }: ContainerStatus): boolean {
  return ready && state?.running !== undefined
}

/** What the containers say; the first one that is not running decides. */
function containersWord(pod: Pod, word: string): string {
  const statuses = pod.status?.containerStatuses ?? []
  for (const { state } of statuses) {
    if (state?.waiting?.reason) return state.waiting.reason
    if (state?.terminated) {
      const reason = terminatedWord(state.terminated)
      if (reason !== 'Completed' || !statuses.some(runs)) return reason
      return isPodReady(pod) ? 'Running' : 'NotReady'
    }
  }
  return word
}

function statusWord(pod: Pod, initializing: string | undefined): string {
  const { reason, phase = 'Pending', conditions } = pod.status ?? {}
  if (isBeingDeleted(pod)) {
    if (reason === 'NodeLost') return 'Unknown'
    if (!isPodTerminal(pod)) return 'Terminating'
  }
  if (initializing !== undefined) return initializing
  const gated = conditionOf(conditions, 'PodScheduled')?.reason === 'SchedulingGated'
  return containersWord(pod, gated ? 'SchedulingGated' : reason || phase)
}

/** How often the containers were restarted, and when last. */
function restartsText(statuses: ContainerStatus[], now: number): string {
  const total = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
  const last = statuses.reduce((latest, { lastState }) => {
    const finished = Date.parse(lastState?.terminated?.finishedAt ?? '')
    return finished > latest ? finished : latest
  }, 0)
  if (total === 0 || last === 0) return String(total)
  return `${total} (${since(new Date(last).toISOString(), now)} ago)`
}

/** READY, STATUS and RESTARTS of a pod at `now` (ms since epoch). */
export function podLine(pod: Pod, now: number): PodLine {
  const { containerStatuses = [], initContainerStatuses = [], conditions } = pod.status ?? {}
  const word = initWord(pod)
  const initialized = conditionOf(conditions, 'Initialized')?.status === 'True'
  const initializing = initialized ? undefined : word
  const started = initializing === undefined
  const ready = started ? containerStatuses.filter(runs).length : 0
  return {
    ready: `${ready}/${pod.spec.containers.length}`,
    status: statusWord(pod, initializing),
    restarts: restartsText(started ? containerStatuses : initContainerStatuses, now),
  }
}

function gates({ spec, status }: Pod): string {
  const { readinessGates = [] } = spec
  if (readinessGates.length === 0) return NONE
  const open = readinessGates.filter(
    ({ conditionType }) => conditionOf(status?.conditions, conditionType)?.status === 'True',
  )
  return `${open.length}/${readinessGates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  text('Ready', (pod, now) => podLine(pod, now).ready),
  text('Status', (pod, now) => podLine(pod, now).status),
  text('Restarts', (pod, now) => podLine(pod, now).restarts),
  ageColumn,
  text('IP', ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? NONE, 1),
  text('Node', ({ spec }) => spec.nodeName || NONE, 1),
  text('Nominated Node', ({ status }) => status?.nominatedNodeName || NONE, 1),
  text('Readiness Gates', gates, 1),
]
