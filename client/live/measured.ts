// What is measured only while somebody looks: use by metrics.k8s.io, rates by ingress, what autoscalers saw. Asked again and
// again while mounted; an answer of before stays until the next is in.
import { useQuery } from '@tanstack/react-query'
import type { PodMetrics } from '../../shared/kubernetes/autoscaling.ts'
import { podMetrics } from '../../shared/kubernetes/measured-kinds.ts'
import type { ScalingHistory, TrafficReport } from '../../shared/traffic.ts'
import { kube } from './kubernetes.ts'
import type { Live } from './kubernetes.ts'

const RATES_EVERY_MS = 1_000
const USE_EVERY_MS = 2_000

function usePolled<T>(name: string, everyMs: number, ask: () => Promise<T>): Live<T> {
  const { data, error } = useQuery<T>({
    queryKey: ['measured', name],
    queryFn: ask,
    refetchInterval: everyMs,
    retry: false,
  })
  return { data, error }
}

/** What passes through ingresses and loadbots that are not the demo's; once a second. */
export const useTraffic = (): Live<TrafficReport> =>
  usePolled('traffic', RATES_EVERY_MS, () => askStage<TrafficReport>('/api/traffic'))

/** What autoscalers saw and wanted over the last ten minutes. */
export const useScaling = (): Live<ScalingHistory> =>
  usePolled('scaling', USE_EVERY_MS, () => askStage<ScalingHistory>('/api/scaling'))

/** What pods use, as metrics.k8s.io says; pods that were not measured yet are not in it. */
export const usePodMetrics = (): Live<readonly PodMetrics[]> =>
  usePolled('pods', USE_EVERY_MS, async () => (await kube.list(podMetrics)).items)

async function askStage<T>(path: string): Promise<T> {
  const response = await fetch(path)
  if (!response.ok) throw new Error(`The stage answered ${response.status}.`)
  return (await response.json()) as T
}
