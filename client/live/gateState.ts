// The state the gates judge by, put together from the views the browser holds.
import type { GateState } from '../../shared/gates.ts'
import type {
  FleetView,
  NodeView,
  PodView,
  RolloutView,
  ServiceView,
  StageInfo,
} from '../../shared/stage.ts'

interface GateViews {
  rollouts: readonly RolloutView[]
  fleets: readonly FleetView[]
  services: readonly ServiceView[]
  nodes: readonly NodeView[]
  pods: readonly PodView[]
}

/** What `can` looks at. Before the stage has introduced itself nothing is possible. */
export function gateStateOf(info: StageInfo | null, views: GateViews): GateState {
  const service = views.services[0] ?? null
  return {
    rollout: views.rollouts[0] ?? null,
    fleet: views.fleets[0] ?? null,
    service,
    nodes: views.nodes,
    readyServers: views.pods.filter(({ role, state }) => role === 'server' && state === 'ready')
      .length,
    limits: info?.limits ?? { loadbots: 0, replicas: 0 },
    versions: info?.versions ?? [],
    proxyModes: info?.proxyModes ?? (service?.proxyMode ? [service.proxyMode] : []),
  }
}
