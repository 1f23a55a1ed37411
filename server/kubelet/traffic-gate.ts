// Before a pod is told to stop, new connections must go elsewhere. Kubernetes leaves that to a preStop sleep; here the
// kubelet looks: no EndpointSlice may list the pod as ready, and the service proxy must say that it has programmed that.
// So must every other cluster of the set that imports the pod's service, on the Lease by which it says that it is there.
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import { PROGRAMMED_REVISION_ANNOTATION, SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases } from '../../shared/kubernetes/kinds.ts'
import {
  MULTICLUSTER_SERVICE_LABEL,
  PEER_LABEL,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import type { RoomDeps } from '../machinery/room.ts'

/** Never waits longer than this, nor longer than half of the grace period. */
export const MAX_WAIT_MS = 2_000

const BY_ADDRESS = 'pod address'
const BY_PEER = 'clusters of the set'
const PROXY_KEY = `${SERVICE_PROXY.namespace}/${SERVICE_PROXY.name}`

/** What is known about where traffic goes to one address. */
export interface TrafficFacts {
  /** EndpointSlices that list the address now, or did when the wait began. */
  slices: readonly EndpointSlice[]
  proxy: Lease | undefined
  /** The Leases of other clusters that are there. */
  importers: readonly Lease[]
}

/** True when nobody sends new connections to this address any more, as far as can be known. */
export function isOutOfTraffic(address: string, facts: TrafficFacts): boolean {
  const { slices, proxy, importers } = facts
  const listed = slices.some(({ endpoints }) =>
    endpoints.some(
      ({ addresses, conditions }) => addresses.includes(address) && conditions?.ready !== false,
    ),
  )
  if (listed) return false
  const exported = slices.filter(({ metadata }) => metadata.labels?.[SOURCE_CLUSTER_LABEL])
  return (
    hasInForce(proxy, slices.filter(isProxied)) &&
    importers.every((importer) => hasInForce(importer, exported))
  )
}

/** Whether who holds the Lease has programmed these slices; true of one that does not say. */
function hasInForce(lease: Lease | undefined, slices: readonly EndpointSlice[]): boolean {
  const programmed = lease?.metadata.annotations?.[PROGRAMMED_REVISION_ANNOTATION]
  if (programmed === undefined) return true
  return slices.every(({ metadata }) => Number(metadata.resourceVersion) <= Number(programmed))
}

/** Slices of headless imports are of no Service. */
function isProxied({ metadata: { labels } }: EndpointSlice): boolean {
  return (
    labels?.[SERVICE_NAME_LABEL] !== undefined || labels?.[MULTICLUSTER_SERVICE_LABEL] === undefined
  )
}

/** Whether another cluster has been heard of as lately as it says it will be. */
function isThere({ spec }: Lease, now: number): boolean {
  const { renewTime, leaseDurationSeconds = 0 } = spec ?? {}
  return renewTime !== undefined && Date.parse(renewTime) + leaseDurationSeconds * 1000 >= now
}

export interface TrafficGate {
  /** Resolves when the address is out of traffic or after `maxMs`. Answers whether it is. */
  closed(namespace: string, address: string, maxMs: number): Promise<boolean>
  close(): void
}

interface Waiting {
  namespace: string
  address: string
  /** Keys of slices that have listed the address during the wait. */
  seen: Set<string>
  done: (outOfTraffic: boolean) => void
}

/** Watches EndpointSlices and the service proxy's Lease for pods about to stop. */
export function startTrafficGate({ informers, clock }: RoomDeps): TrafficGate {
  const slices = informers.of(endpointSlices)
  const proxies = informers.of(leases)
  slices.addIndex(BY_ADDRESS, ({ metadata, endpoints }) =>
    endpoints.flatMap(({ addresses }) => addresses.map((ip) => `${metadata.namespace}/${ip}`)),
  )
  proxies.addIndex(BY_PEER, ({ metadata }) => (metadata.labels?.[PEER_LABEL] ? [''] : []))
  const waits = new Set<Waiting>()

  const look = (wait: Waiting): void => {
    for (const slice of slices.byIndex(BY_ADDRESS, `${wait.namespace}/${wait.address}`)) {
      wait.seen.add(`${wait.namespace}/${slice.metadata.name}`)
    }
    const known = [...wait.seen].flatMap((key) => slices.get(key) ?? [])
    const now = clock.now()
    const importers = proxies.byIndex(BY_PEER, '').filter((lease) => isThere(lease, now))
    const facts = { slices: known, proxy: proxies.get(PROXY_KEY), importers }
    if (isOutOfTraffic(wait.address, facts)) wait.done(true)
  }
  const lookAtAll = (): void => {
    for (const wait of waits) look(wait)
  }
  const unsubscribe = [
    slices.subscribe(lookAtAll),
    proxies.subscribe(({ object }) => {
      const { namespace, name, labels } = object.metadata
      const isProxy = namespace === SERVICE_PROXY.namespace && name === SERVICE_PROXY.name
      if (isProxy || labels?.[PEER_LABEL]) lookAtAll()
    }),
  ]

  return {
    closed: (namespace, address, maxMs) =>
      new Promise((resolve) => {
        const wait: Waiting = {
          namespace,
          address,
          seen: new Set(),
          done: (outOfTraffic) => {
            timer.cancel()
            waits.delete(wait)
            resolve(outOfTraffic)
          },
        }
        const timer = clock.after(Math.min(maxMs, MAX_WAIT_MS), () => wait.done(false))
        waits.add(wait)
        look(wait)
      }),
    close() {
      for (const stop of unsubscribe) stop()
      for (const wait of waits) wait.done(false)
    },
  }
}
