// The endpoints behind a backend of an Ingress. Pure. They are chosen as service proxies choose them.
import type { EndpointSlice, Service, ServicePort } from '../../shared/kubernetes/network.ts'
import type { Backend, Target } from './routing-table.ts'

/** @param key `namespace/name` of the Service */
export function backendOf(
  key: string,
  wanted: { name?: string; number?: number },
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Backend {
  if (!service) return { targets: [], broken: `service "${key}" not found` }
  const { name, number } = wanted
  const port = service.spec.ports?.find((one) => (name ? one.name === name : one.port === number))
  if (!port) {
    return { targets: [], broken: `service "${key}" has no port ${name ? `"${name}"` : number}` }
  }
  return { targets: targetsOf(port, slices) }
}

/** Ready endpoints; when there is none, those that still serve while they terminate. */
function targetsOf(port: ServicePort, slices: readonly EndpointSlice[]): Target[] {
  const ready = new Map<string, Target>()
  const leaving = new Map<string, Target>()
  for (const { addressType, ports, endpoints } of slices) {
    const number = ports?.find(({ name = '' }) => name === (port.name ?? ''))?.port
    if (addressType !== 'IPv4' || number === undefined) continue
    for (const { addresses, conditions = {} } of endpoints ?? []) {
      const ip = addresses[0]
      if (!ip) continue
      const target = { ip, port: number }
      if (conditions.ready !== false) ready.set(`${ip}:${number}`, target)
      else if (conditions.serving && conditions.terminating) leaving.set(`${ip}:${number}`, target)
    }
  }
  const chosen = ready.size > 0 ? ready : leaving
  return [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target)
}
