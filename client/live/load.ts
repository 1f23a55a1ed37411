// From the wire's load to the browser's: pods travel as small numbers and get their names back here.
import type { LoadUpdate, LoadView, PodView } from '../../shared/stage.ts'

/** The LoadView an update stands for, given the pods known now. Pods without requests have no entry. */
export function namedLoad(update: LoadUpdate, pods: Iterable<PodView>): LoadView {
  const { byPod, ...rest } = update
  const byBot: Record<string, number> = {}
  const byServer: Record<string, number> = {}
  for (const pod of pods) {
    const rate = byPod[pod.index]
    if (rate && pod.role === 'loadbot') byBot[pod.name] = rate
    else if (rate && pod.role === 'server') byServer[pod.name] = rate
  }
  return { ...rest, byBot, byServer }
}
