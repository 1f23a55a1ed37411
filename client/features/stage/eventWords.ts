// Events as sentences for the hall.
import type { EventView } from '../../../shared/stage.ts'

/** The newest of `views`, newest first; at most `count` of them. */
export function newest<T extends { at: number }>(
  views: readonly T[],
  count = Number.POSITIVE_INFINITY,
): T[] {
  return [...views].sort((a, b) => b.at - a.at).slice(0, count)
}

/** What client-go puts before the message of an event that stands for many (tools/record/events_cache.go). */
const REPEATED = /^\(combined from similar events\): /

/** The kubelet's long name of a pod, `name_namespace(uid)` (pkg/kubelet/util/format/pod.go): the name says it. */
const FULL_NAME = /(\S+)_\S+\([0-9a-f-]{36}\)/

/** `Pod nginx-abc` and `Started container nginx` → `nginx-abc: Started container nginx`. */
export function wordsOf({ about, message, reason }: EventView): string {
  const name = about.split(' ').at(-1) ?? about
  const said = (message || reason).replace(REPEATED, '').replace(FULL_NAME, '$1')
  return said.includes(name) ? said : `${name}: ${said}`
}

/** Steps that every container goes through tell the hall nothing. */
const ROUTINE = new Set(['Pulling', 'Pulled', 'Created'])

/** What a pod says about itself until it is ready; afterwards it is no news any more. */
const UNTIL_READY = new Set(['Unhealthy', 'BackOff', 'FailedScheduling'])

/** Whether an event is worth one of the two lines at the bottom; `ready`: names of pods that are ready now. */
export const isTelling = (
  { type, reason, about }: EventView,
  ready: ReadonlySet<string>,
): boolean =>
  type === 'Warning'
    ? !(UNTIL_READY.has(reason) && ready.has(about.split(' ').at(-1) ?? about))
    : !ROUTINE.has(reason)
