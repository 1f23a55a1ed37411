import { useEffect, useMemo, useState } from 'react'
import type { PodMetrics } from '../../../shared/kubernetes/autoscaling.ts'
import { nodes, pods } from '../../../shared/kubernetes/kinds.ts'
import { keyOf } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { stageNow } from '../../live/live.ts'
import { usePodMetrics } from '../../live/measured.ts'
import { useFold } from '../../ui/useFold.ts'
import type { MemoryModel } from './memoryModel.ts'
import { memoryModel, memoryOf, scaleFor } from './memoryModel.ts'

type Uses = ReadonlyMap<string, number>

const TICK_MS = 1_000

/** The stage's clock, once a second: news grow old. */
export function useNow(): number {
  const [now, setNow] = useState(stageNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(stageNow()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

export interface Memory {
  model: MemoryModel
  /** How far the scale goes, in percent. */
  scale: number
}

/** The memory of the cluster, live; null until it was read once. */
export function useMemory(): { memory: Memory | null; error: Error | null } {
  const theNodes = useObjects(nodes)
  const thePods = useObjects(pods)
  const measured = usePodMetrics()
  const now = useNow()
  const looked = useMemo(
    () => ({ pods: thePods.data, metrics: measured.data }),
    [thePods.data, measured.data],
  )
  const lastUse = useFold(looked, foldUse)
  const model = useMemo(
    () =>
      theNodes.data && thePods.data
        ? memoryModel({
            nodes: theNodes.data,
            pods: thePods.data,
            metrics: measured.data ?? [],
            lastUse,
            now,
          })
        : null,
    [theNodes.data, thePods.data, measured.data, lastUse, now],
  )
  const memory = useFold(model, foldScale)
  return { memory, error: theNodes.error ?? thePods.error ?? measured.error }
}

function foldScale(model: MemoryModel | null, before: Memory | null | undefined): Memory | null {
  return model && { model, scale: scaleFor(model.rows, before?.scale) }
}

interface Looked {
  pods: readonly Pod[] | undefined
  metrics: readonly PodMetrics[] | undefined
}

/** What each pod used when it was measured last, by uid, in bytes; those that are no more are forgotten. */
function foldUse({ pods: all = [], metrics = [] }: Looked, before?: Uses): Uses {
  const useBy = new Map(metrics.map((each) => [keyOf(each), memoryOf(each)]))
  const next = new Map<string, number>()
  for (const pod of all) {
    const { uid = '' } = pod.metadata
    const bytes = useBy.get(keyOf(pod)) ?? before?.get(uid)
    if (bytes !== undefined) next.set(uid, bytes)
  }
  return next
}
