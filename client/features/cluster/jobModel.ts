// A Job as lanes: one per pod that may run at a time, with what was done in it, what runs, and what waits. Pure.
import type { Job } from '../../../shared/kubernetes/batch.ts'
import { COMPLETION_INDEX, jobEnd, JOB_NAME_LABEL } from '../../../shared/kubernetes/batch.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'

export interface Turn {
  key: string
  /** ms since the epoch; `to` is null while it runs. */
  from: number
  to: number | null
  state: 'done' | 'failed' | 'running'
  index: string | null
}

export interface JobModel {
  name: string
  namespace: string
  succeeded: number
  /** null: as many as it takes until one succeeds. */
  completions: number | null
  parallelism: number
  /** Completions that nothing runs for yet. */
  queued: number
  failed: number
  lanes: readonly (readonly Turn[])[]
  /** From when to when the lanes go, in ms since the epoch. */
  begins: number
  ends: number
  /** How it ended; null while it goes on. */
  end: 'Complete' | 'Failed' | null
  /** Seconds it took, or takes until now. */
  seconds: number
}

const MOST_LANES = 6
/** The left edge is no further back than that. */
const SPAN_MS = 120_000
/** A Job that has just begun does not fill the width. */
const SHORTEST_SPAN_MS = 10_000

/** The lanes of `job` at `now` (ms since the epoch), from the pods of its namespace. */
export function jobModel(job: Job, pods: readonly Pod[], now: number): JobModel {
  const { name = '', namespace = '', creationTimestamp = '' } = job.metadata
  const own = pods.filter(({ metadata }) => metadata.labels?.[JOB_NAME_LABEL] === name)
  const turns = own.flatMap((pod) => turnOf(pod) ?? []).toSorted((a, b) => a.from - b.from)
  const { parallelism = 1 } = job.spec
  const completions = job.spec.completions ?? null
  const succeeded = job.status?.succeeded ?? 0
  const running = turns.filter(({ state }) => state === 'running').length
  const end = jobEnd(job) ?? null
  const began = Date.parse(job.status?.startTime ?? creationTimestamp)
  const over = job.status?.completionTime ?? lastEnd(turns)
  const ended = end === null ? now : typeof over === 'string' ? Date.parse(over) : (over ?? now)
  return {
    name,
    namespace,
    succeeded,
    completions,
    parallelism,
    queued: end ? 0 : Math.max(0, (completions ?? 0) - succeeded - running),
    failed: job.status?.failed ?? 0,
    lanes: inLanes(turns, Math.min(MOST_LANES, Math.max(1, parallelism))),
    begins: Math.max(began, ended - SPAN_MS, Math.min(began, ended - SHORTEST_SPAN_MS)),
    ends: ended,
    end,
    seconds: Math.max(0, Math.round((ended - began) / 1000)),
  }
}

function turnOf({ metadata, status }: Pod): Turn | undefined {
  const [container] = status?.containerStatuses ?? []
  const { terminated, running } = container?.state ?? {}
  const from = terminated?.startedAt ?? running?.startedAt ?? status?.startTime
  if (!from || (!terminated && !running)) return undefined
  const isDone = terminated !== undefined
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    from: Date.parse(from),
    to: terminated?.finishedAt ? Date.parse(terminated.finishedAt) : null,
    state: !isDone ? 'running' : terminated.exitCode === 0 ? 'done' : 'failed',
    index: metadata.annotations?.[COMPLETION_INDEX] ?? null,
  }
}

function lastEnd(turns: readonly Turn[]): number | undefined {
  const ends = turns.flatMap(({ to }) => (to === null ? [] : [to]))
  return ends.length > 0 ? Math.max(...ends) : undefined
}

/** Each turn goes into the lane that has been free for longest when it begins. */
function inLanes(turns: readonly Turn[], count: number): Turn[][] {
  const lanes = Array.from({ length: count }, (): Turn[] => [])
  const freeAt = (lane: Turn[]): number => {
    const last = lane.at(-1)
    if (!last) return Number.NEGATIVE_INFINITY
    return last.to ?? Number.POSITIVE_INFINITY
  }
  for (const turn of turns) {
    const [first] = lanes.toSorted((a, b) => freeAt(a) - freeAt(b))
    first?.push(turn)
  }
  return lanes
}
