// What happened to a pod for want of memory, as long as it is news. Pure.
import { conditionOf } from '../../../shared/kubernetes/meta.ts'
import type { ContainerStatus, Pod } from '../../../shared/kubernetes/pod.ts'
import { wholeUnits } from '../../../shared/quantity.ts'

export interface Mishap {
  reason: 'OOMKilled' | 'Evicted'
  /** The rest of the sentence: `cache hit its 482 MiB limit, restarting`. */
  words: string
  /** ms since the epoch. */
  at: number
}

/** What happened longer ago than that is no news. */
const NEWS_MS = 60_000

/** The newest mishap of the pod that is news at `now`; null: all is well. */
export function mishapOf(pod: Pod, now: number): Mishap | null {
  const found = evictionOf(pod) ?? killOf(pod)
  return found && now - found.at < NEWS_MS ? found : null
}

function evictionOf({ metadata, status }: Pod): Mishap | null {
  if (status?.reason !== 'Evicted') return null
  const ends = (status.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt)
  const when = ends.find((end) => end !== undefined) ?? targetedAt(status.conditions)
  const at = Date.parse(when ?? metadata.creationTimestamp ?? '')
  return { reason: 'Evicted', words: `${metadata.name}, ${status.qosClass ?? ''}`, at }
}

function targetedAt(conditions: NonNullable<Pod['status']>['conditions']): string | undefined {
  return conditionOf(conditions, 'DisruptionTarget')?.lastTransitionTime
}

function killOf({ metadata, spec, status }: Pod): Mishap | null {
  for (const container of status?.containerStatuses ?? []) {
    const end = killedEnd(container)
    if (!end) continue
    const { resources } = spec.containers.find(({ name }) => name === container.name) ?? {}
    const limit = wholeUnits(resources?.limits?.['memory'])
    const words = `${metadata.name} hit its ${mebibytes(limit)} limit, restart ${container.restartCount}`
    return { reason: 'OOMKilled', words, at: Date.parse(end) }
  }
  return null
}

/** When the container was killed last, for its memory. */
function killedEnd({ state, lastState }: ContainerStatus): string | undefined {
  return [state, lastState]
    .map((each) => each?.terminated)
    .find((each) => each?.reason === 'OOMKilled')?.finishedAt
}

/** `482 MiB`, `5.9 GiB`. */
export function mebibytes(bytes: number): string {
  const mebi = bytes / 2 ** 20
  return mebi < 1000 ? `${Math.round(mebi)} MiB` : `${(mebi / 1024).toFixed(1)} GiB`
}
