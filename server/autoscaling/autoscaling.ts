// The autoscalers of a cluster, and the measurements they go by.
import type { PodRate } from '../../shared/usage.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import type { HorizontalOptions } from './horizontal.ts'
import { startHorizontal } from './horizontal.ts'
import { startRequestRates } from './request-rates.ts'
import { startVertical } from './vertical.ts'

export interface Autoscaling extends Running {
  /** Requests per second of the pods, while an autoscaler goes by them. */
  rates(): readonly PodRate[]
}

/** Starts all autoscalers. */
export function startAutoscaling(deps: RoomDeps, options: HorizontalOptions): Autoscaling {
  const named = { ...deps, log: deps.log.named('autoscaling') }
  const rates = startRequestRates(named)
  const horizontal = startHorizontal(named, options)
  const vertical = startVertical(named, options)
  return {
    rates: () => rates.current(),
    async close() {
      await Promise.all([horizontal.close(), vertical.close(), rates.close()])
    },
  }
}
