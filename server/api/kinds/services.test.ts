import { describe, expect, it } from 'vitest'
import { services } from '../../../shared/kubernetes/kinds.ts'
import type { Service, ServiceSpec } from '../../../shared/kubernetes/network.ts'
import { ApiError } from '../../../shared/status.ts'
import { serviceStrategy } from './services.ts'
import { createWith, updateWith } from './testing/messages.ts'
import { contextOver } from './testing/samples.ts'

function service(spec: ServiceSpec = {}, name = 'nginx'): Service {
  const ports = [{ port: 80 }]
  return { metadata: { name, namespace: 'default' }, spec: { ports, ...spec } }
}

function stored(...objects: Service[]) {
  return contextOver(objects.map((object) => ({ kind: services, object })))
}

function created(spec?: ServiceSpec, name?: string, ...others: Service[]): Service {
  const object = service(spec, name)
  expect(createWith(serviceStrategy, object, stored(...others))).toEqual([])
  return object
}

function refusal(spec: ServiceSpec, ...others: Service[]): string {
  try {
    return createWith(serviceStrategy, service(spec), stored(...others)).join('\n')
  } catch (error) {
    if (error instanceof ApiError) return error.message
    throw error
  }
}

describe('addresses', () => {
  it('come from the service range and are a service’s own', () => {
    const first = created()
    const second = created({}, 'other', first)
    const again = created({ clusterIP: '' }, 'nginx', second)
    expect(first.spec.clusterIP).toMatch(/^127\.96\.\d+\.\d+$/)
    expect(first.spec.clusterIPs).toEqual([first.spec.clusterIP])
    expect(second.spec.clusterIP).not.toBe(first.spec.clusterIP)
    expect(again.spec.clusterIP).toBe(first.spec.clusterIP)
  })

  it('move on when taken', () => {
    const first = created()
    const squatter = created({ clusterIP: first.spec.clusterIP! }, 'squatter')
    expect(created({}, 'nginx', squatter).spec.clusterIP).not.toBe(first.spec.clusterIP)
  })

  it('are given as asked for, or refused in the words of Kubernetes', () => {
    const holder = created({ clusterIP: '127.96.0.9' }, 'holder')
    expect(refusal({ clusterIP: '127.96.0.9' }, holder)).toBe(
      'Service "nginx" is invalid: spec.clusterIPs: Invalid value: ["127.96.0.9"]: failed to allocate IP 127.96.0.9: provided IP is already allocated',
    )
    expect(refusal({ clusterIP: '10.0.0.1' })).toBe(
      'Service "nginx" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 127.96.0.0/16',
    )
    expect(refusal({ clusterIP: 'elsewhere' })).toContain(
      'spec.clusterIPs[0]: Invalid value: "elsewhere": must be a valid IP address',
    )
  })

  it('stay for life', () => {
    const old = created()
    expect(updateWith(serviceStrategy, old, ({ spec }) => (spec.clusterIP = '127.96.0.9'))).toEqual(
      ['spec.clusterIPs[0]: Invalid value: ["127.96.0.9"]: may not change once set'],
    )
    const replaced = service()
    serviceStrategy.default?.(replaced)
    serviceStrategy.prepareForUpdate?.(replaced, old, stored(old))
    expect(replaced.spec.clusterIP).toBe(old.spec.clusterIP)
  })

  it('are none for a headless service', () => {
    const object = created({ clusterIP: 'None', ports: [] })
    expect(object.spec.clusterIPs).toEqual(['None'])
  })
})

describe('node ports', () => {
  it('are given out, kept, and taken back with the type', () => {
    const old = created({ type: 'NodePort' })
    const port = old.spec.ports?.[0]?.nodePort
    expect(port).toBeGreaterThanOrEqual(30_000)
    expect(port).toBeLessThanOrEqual(32_767)
    const other = created({ type: 'NodePort' }, 'other', old)
    expect(other.spec.ports?.[0]?.nodePort).not.toBe(port)
    expect(updateWith(serviceStrategy, old, ({ spec }) => (spec.type = 'ClusterIP'))).toEqual([])
  })

  it('must be free and in range', () => {
    const holder = created({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] }, 'holder')
    const asking = (nodePort: number) =>
      refusal({ type: 'NodePort', ports: [{ port: 80, nodePort }] }, holder)
    expect(asking(30_080)).toBe(
      'Service "nginx" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    )
    expect(asking(80)).toBe(
      'Service "nginx" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    )
  })
})

it('fills what core/v1 fills', () => {
  expect(created({ ports: [{ port: 80 }] }).spec).toMatchObject({
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
  })
})

it.each<[ServiceSpec, string]>([
  [{ ports: [] }, 'spec.ports: Required value'],
  [
    { ports: [{ port: 0, targetPort: 80 }] },
    'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [{ ports: [{ port: 80 }, { port: 81, name: 'b' }] }, 'spec.ports[0].name: Required value'],
  [
    {
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'a' },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    { type: 'Nope' as never },
    'spec.type: Unsupported value: "Nope": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [
    { externalIPs: ['1.2.3.4'] },
    'spec.externalIPs[0]: Forbidden: only loopback addresses are implemented by Podium',
  ],
  [
    { ports: [{ port: 80, nodePort: 30_000 }] },
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
])('refuses %j', (spec, message) => {
  expect(refusal(spec)).toBe(message)
})

it('names follow DNS-1035', () => {
  expect(createWith(serviceStrategy, service({}, '1st'))).toEqual([
    "metadata.name: Invalid value: \"1st\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ])
})

it('shows ports as kubectl prints them', () => {
  const object = created({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] })
  const column = serviceStrategy.columns.find(({ name }) => name === 'Port(s)')
  expect(column?.cell(object, 0)).toBe('80:30080/TCP')
})
