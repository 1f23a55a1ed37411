import type { Event } from '../../../shared/kubernetes/cluster.ts'
import { events } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Live } from '../../live/kubernetes.ts'
import { useObjects } from '../../live/kubernetes.ts'

/** When an event happened last, ms since the epoch; 0 when it does not say. */
export function timeOf({ lastTimestamp, eventTime, firstTimestamp, metadata }: Event): number {
  const time = lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp
  return time ? Date.parse(time) : 0
}

/** The events about one object, live, oldest first. Objects without a namespace have theirs in `default`. */
export function useEventsOf({ kind, metadata }: KubeObject): Live<readonly Event[]> {
  const { data, error } = useObjects(events, {
    namespace: metadata.namespace,
    fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${metadata.name}`,
  })
  const ours = data?.filter(
    // A node's events name it by uid or by name (pkg/kubelet uses the name).
    ({ involvedObject: { uid } }) =>
      uid === undefined || uid === metadata.uid || uid === metadata.name,
  )
  return { data: ours?.sort((a, b) => timeOf(a) - timeOf(b)), error }
}
