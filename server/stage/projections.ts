// What each object of the cluster looks like on the stage: one pure function a view.
import { parseImage } from '../../shared/images.ts'
import type { ConfigMap, Event, Lease, Node } from '../../shared/kubernetes/cluster.ts'
import {
  isFailedOnPurpose,
  isNodeReady,
  isSimulated,
  PROXY_MODE_ANNOTATION,
} from '../../shared/kubernetes/cluster.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'
import type {
  EventView,
  FleetView,
  NodeView,
  PodRole,
  PodView,
  ProxyMode,
  ServiceView,
} from '../../shared/stage.ts'
import { fullLoadOf, isAdjustable, ratePerLoadbot } from './loadRate.ts'
import { podCondition } from './podState.ts'

/** What a pod keeps for life, given out by the seating (see seats.ts). */
export interface Seat {
  role: PodRole
  slot: number | null
  index: number
}

/**
 * The tile of a pod.
 * @param nodeLost its node has stopped reporting: nobody knows what the pod does
 * @param previous its last view; `since` goes on while the state stays the same
 */
export function podView(
  pod: Pod,
  seat: Seat,
  nodeLost: boolean,
  previous: PodView | undefined,
  now: number,
): PodView {
  const condition = podCondition(pod, nodeLost, now)
  // Kubernetes' own times have whole seconds only; what the stage saw change it knows better.
  let since = now
  if (!previous) since = Math.min(now, condition.sinceAtLeast ?? now)
  else if (previous.state === condition.state) since = previous.since
  return {
    kind: 'pod',
    key: keyOf(pod),
    uid: pod.metadata.uid ?? '',
    name: pod.metadata.name ?? '',
    role: seat.role,
    node: pod.spec.nodeName ?? null,
    slot: seat.slot,
    index: seat.index,
    version: versionOf(pod),
    state: condition.state,
    progress: condition.progress,
    restarts: (pod.status?.containerStatuses ?? []).reduce(
      (sum, { restartCount }) => sum + restartCount,
      0,
    ),
    ip: pod.status?.podIP ?? null,
    reason: condition.reason,
    since,
    stopsBy: condition.stopsBy,
  }
}

/** The image tag of the first container. */
export function versionOf(pod: { spec: Pod['spec'] }): string {
  return parseImage(pod.spec.containers[0]?.image ?? '').tag
}

/** A node has stopped reporting when its Ready condition is Unknown (node lifecycle controller). */
export function isNodeLost(node: Node | undefined): boolean {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'Unknown'
}

export function nodeView(node: Node): NodeView {
  return {
    kind: 'node',
    key: keyOf(node),
    name: node.metadata.name ?? '',
    ready: isNodeReady(node),
    simulated: isSimulated(node),
    unschedulable: node.spec?.unschedulable ?? false,
    failed: isFailedOnPurpose(node),
  }
}

/** @param config the ConfigMap that bears the loadbots' name */
export function fleetView(
  controller: ReplicationController,
  config: ConfigMap | undefined,
): FleetView {
  return {
    kind: 'fleet',
    key: keyOf(controller),
    name: controller.metadata.name ?? '',
    replicas: controller.spec.replicas ?? 1,
    ready: controller.status?.readyReplicas ?? 0,
    ratePerLoadbot: ratePerLoadbot(controller, config),
    adjustable: isAdjustable(controller, config),
    fullLoad: fullLoadOf(config),
  }
}

/** @param slices those of this Service @param proxy the Lease on which the service proxy reports */
export function serviceView(
  service: Service,
  slices: Iterable<EndpointSlice>,
  proxy: Lease | undefined,
): ServiceView {
  const address = service.spec.clusterIP ?? ''
  const port = service.spec.ports?.[0]?.port
  return {
    kind: 'service',
    key: keyOf(service),
    name: service.metadata.name ?? '',
    address: port === undefined ? address : `${address}:${port}`,
    endpoints: readyAddresses(slices),
    proxyMode: proxyModeOf(proxy),
  }
}

/** Addresses that get traffic; an absent `ready` counts as true (EndpointConditions). One counts once. */
function readyAddresses(slices: Iterable<EndpointSlice>): number {
  const addresses = new Set<string>()
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue
      for (const address of endpoint.addresses) addresses.add(address)
    }
  }
  return addresses.size
}

function proxyModeOf(lease: Lease | undefined): ProxyMode | null {
  const mode = lease?.metadata.annotations?.[PROXY_MODE_ANNOTATION]
  return mode === 'userspace' || mode === 'iptables' ? mode : null
}

export function eventView(event: Event): EventView {
  const { involvedObject: about } = event
  const times = [
    event.lastTimestamp,
    event.eventTime,
    event.firstTimestamp,
    event.metadata.creationTimestamp,
  ]
  const at = times.find((time) => time !== null && time !== undefined)
  return {
    kind: 'event',
    key: keyOf(event),
    at: at ? Date.parse(at) : 0,
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    about: `${about.kind ?? ''} ${about.name ?? ''}`.trim(),
    message: event.message ?? '',
  }
}
