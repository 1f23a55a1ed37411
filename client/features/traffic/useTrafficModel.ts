import { useMemo } from 'react'
import {
  endpointSlices,
  ingressClasses,
  ingresses,
  services,
} from '../../../shared/kubernetes/kinds.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { useLoad, usePacedPods, useViews } from '../../live/live.ts'
import { useTraffic } from '../../live/measured.ts'
import type { TrafficReport } from '../../../shared/traffic.ts'
import type { IngressClass } from '../../../shared/kubernetes/ingress.ts'
import type { TrafficModel } from './trafficModel.ts'
import { trafficModel } from './trafficModel.ts'

export interface TrafficNow {
  /** null until it was read once. */
  model: TrafficModel | null
  report: TrafficReport | null
  classes: readonly IngressClass[]
  error: Error | null
}

/** Pods are looked at four times a second: their rates are no younger. */
const PACE = (): number => 250

/** Everything that traffic goes through, live. */
export function useTrafficModel(): TrafficNow {
  const theIngresses = useObjects(ingresses)
  const classes = useObjects(ingressClasses)
  const theServices = useObjects(services)
  const slices = useObjects(endpointSlices)
  const pods = usePacedPods(PACE)
  const load = useLoad()
  const demo = useViews('service')[0] ?? null
  const report = useTraffic()
  const model = useMemo(() => {
    if (!theIngresses.data || !classes.data || !theServices.data || !slices.data) return null
    return trafficModel({
      ingresses: theIngresses.data,
      classes: classes.data,
      services: theServices.data,
      slices: slices.data,
      pods,
      report: report.data ?? null,
      load,
      demo,
    })
  }, [
    theIngresses.data,
    classes.data,
    theServices.data,
    slices.data,
    pods,
    report.data,
    load,
    demo,
  ])
  return {
    model,
    report: report.data ?? null,
    classes: classes.data ?? [],
    error: theIngresses.error ?? theServices.error ?? slices.error ?? report.error,
  }
}
