// Environment variables about services, as Kubernetes and, before it, Docker links made them (kubelet/envvars).
import type { Service } from '../../shared/kubernetes/network.ts'

/**
 * NGINX_SERVICE_HOST, NGINX_SERVICE_PORT, NGINX_PORT_80_TCP_ADDR … for services with an address of their own.
 * Later services of the same variable name win, so pass them in a stable order.
 */
export function serviceVariables(services: readonly Service[]): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const service of services) {
    const { clusterIP, ports = [] } = service.spec
    if (!clusterIP || clusterIP === 'None' || ports.length === 0) continue
    const prefix = (service.metadata.name ?? '').toUpperCase().replaceAll('-', '_')
    const first = ports[0]!
    variables[`${prefix}_SERVICE_HOST`] = clusterIP
    variables[`${prefix}_SERVICE_PORT`] = String(first.port)
    for (const { name, port } of ports) {
      if (name)
        variables[`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`] =
          String(port)
    }
    variables[`${prefix}_PORT`] = url(first.protocol, clusterIP, first.port)
    for (const { port, protocol = 'TCP' } of ports) {
      const link = `${prefix}_PORT_${port}_${protocol}`
      variables[link] = url(protocol, clusterIP, port)
      variables[`${link}_PROTO`] = protocol.toLowerCase()
      variables[`${link}_PORT`] = String(port)
      variables[`${link}_ADDR`] = clusterIP
    }
  }
  return variables
}

function url(protocol: string | undefined, address: string, port: number): string {
  return `${(protocol ?? 'TCP').toLowerCase()}://${address}:${port}`
}
