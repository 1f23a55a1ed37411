// Before a pod is told to stop, new connections must go elsewhere. Kubernetes leaves that to a preStop sleep; here the
// kubelet looks: no EndpointSlice may list the pod as ready, and the service proxy must say that it has programmed that.
import type { Lease } from '../../shared/kubernetes/cluster.ts'
import { PROGRAMMED_REVISION_ANNOTATION, SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import { endpointSlices, leases } from '../../shared/kubernetes/kinds.ts'
import type { EndpointSlice } from '../../shared/kubernetes/network.ts'
import type { RoomDeps } from '../machinery/room.ts'

/** Never waits longer than this, nor longer than half of the grace period. */
export const MAX_WAIT_MS = 2_000

const BY_ADDRESS = 'pod address'
const PROXY_KEY = `${SERVICE_PROXY.namespace}/${SERVICE_PROXY.name}`

/** What is known about where traffic goes to one address. */
export interface TrafficFacts {
  /** EndpointSlices that list the address now, or did when the wait began. */
  slices: readonly EndpointSlice[]
  proxy: Lease | undefined
}

/** True when nobody sends new connections to this address any more, as far as can be known. */
export function isOutOfTraffic(address: string, { slices, proxy }: TrafficFacts): boolean {
  const listed = slices.some(({ endpoints }) =>
    endpoints.some(
      ({ addresses, conditions }) => addresses.includes(address) && conditions?.ready !== false,
    ),
  )
  if (listed) return false
  const programmed = proxy?.metadata.annotations?.[PROGRAMMED_REVISION_ANNOTATION]
  if (programmed === undefined) return true
  return slices.every(({ metadata }) => Number(metadata.resourceVersion) <= Number(programmed))
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
  const waits = new Set<Waiting>()

  const look = (wait: Waiting): void => {
    for (const slice of slices.byIndex(BY_ADDRESS, `${wait.namespace}/${wait.address}`)) {
      wait.seen.add(`${wait.namespace}/${slice.metadata.name}`)
    }
    const known = [...wait.seen].flatMap((key) => slices.get(key) ?? [])
    const facts = { slices: known, proxy: proxies.get(PROXY_KEY) }
    if (isOutOfTraffic(wait.address, facts)) wait.done(true)
  }
  const lookAtAll = (): void => {
    for (const wait of waits) look(wait)
  }
  const unsubscribe = [
    slices.subscribe(lookAtAll),
    proxies.subscribe(({ object }) => {
      const { namespace, name } = object.metadata
      if (namespace === SERVICE_PROXY.namespace && name === SERVICE_PROXY.name) lookAtAll()
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
