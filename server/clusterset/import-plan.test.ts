import { describe, expect, test } from 'vitest'
import type { ServiceImport } from '../../shared/kubernetes/multicluster.ts'
import {
  MULTICLUSTER_SERVICE_LABEL,
  SOURCE_CLUSTER_LABEL,
} from '../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import {
  derivedName,
  derivedServiceOf,
  holds,
  importedSlices,
  importOf,
  planSlices,
} from './import-plan.ts'

const AT = { namespace: 'shop', name: 'web' }
const PORTS = [{ name: 'http', port: 80, protocol: 'TCP' as const }]
const merged = (type: 'ClusterSetIP' | 'Headless') => ({
  spec: { type, ports: PORTS, sessionAffinity: 'None' as const },
  labels: { tier: 'front' },
  annotations: {},
  clusters: ['east'],
  conflict: undefined,
})
const there = (type: 'ClusterSetIP' | 'Headless'): ServiceImport => {
  const made = importOf(AT, merged(type), undefined, '127.96.1.1')
  return { ...made, metadata: { ...made.metadata, uid: 'u1' } }
}
const slice: EndpointSlice = {
  metadata: { ...AT, name: 'web-x', resourceVersion: '7' },
  addressType: 'IPv4',
  endpoints: [
    {
      addresses: ['127.64.0.1'],
      conditions: { ready: true },
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', name: 'web-1' },
    },
  ],
  ports: PORTS,
}

describe('an import', () => {
  test('has an address once there is one; a headless one never', () => {
    expect(there('ClusterSetIP').spec.ips).toEqual(['127.96.1.1'])
    expect(importOf(AT, merged('ClusterSetIP'), undefined, undefined).spec.ips).toBeUndefined()
    expect(there('Headless').spec.ips).toBeUndefined()
  })

  test('is kept when nothing has changed', () => {
    const held = there('ClusterSetIP')
    expect(holds(held, importOf(AT, merged('ClusterSetIP'), held, '127.96.1.1'))).toBe(true)
    expect(holds(held, importOf(AT, merged('ClusterSetIP'), held, '127.96.1.2'))).toBe(false)
  })

  test('gets its address from a Service of a name that no other has', () => {
    const service = derivedServiceOf(there('ClusterSetIP'), undefined)
    expect(service.metadata).toMatchObject({
      name: derivedName(AT),
      labels: { [MULTICLUSTER_SERVICE_LABEL]: 'web' },
      ownerReferences: [{ kind: 'ServiceImport', name: 'web', uid: 'u1' }],
    })
    expect(service.spec).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ports: [{ ...PORTS[0], targetPort: 80 }],
    })
    expect(derivedName({ ...AT, name: 'web2' })).not.toBe(derivedName(AT))
  })

  test('of which the Service exists keeps what the API has added to it', () => {
    const held = derivedServiceOf(there('ClusterSetIP'), undefined)
    const added = { ...held, spec: { ...held.spec, clusterIP: '127.96.1.1', ipFamilies: ['IPv4'] } }
    expect(holds(added, derivedServiceOf(there('ClusterSetIP'), added))).toBe(true)
  })
})

describe('slices', () => {
  const own = { cluster: 'east', slices: [slice], isOwn: true }

  test('of the own cluster say where they come from, and keep their pods', () => {
    const [copy] = importedSlices(there('ClusterSetIP'), [own])
    expect(copy?.metadata.labels).toMatchObject({
      [MULTICLUSTER_SERVICE_LABEL]: 'web',
      [SOURCE_CLUSTER_LABEL]: 'east',
      [SERVICE_NAME_LABEL]: derivedName(AT),
    })
    expect(copy?.endpoints).toEqual(slice.endpoints)
  })

  test('of another cluster keep their name, and lose what cannot be looked up here', () => {
    const [copy] = importedSlices(there('ClusterSetIP'), [{ ...own, isOwn: false }])
    expect(copy?.metadata.name).toBe('web-x')
    expect(copy?.endpoints).toEqual([{ addresses: ['127.64.0.1'], conditions: { ready: true } }])
  })

  test('of a headless import are none of the service proxy', () => {
    const [copy] = importedSlices(there('Headless'), [own])
    expect(copy?.metadata.labels).not.toHaveProperty(SERVICE_NAME_LABEL)
  })

  test('are created, updated and removed as they come and go', () => {
    const [wanted] = importedSlices(there('ClusterSetIP'), [own])
    const held = { ...wanted!, metadata: { ...wanted!.metadata, resourceVersion: '9' } }
    const none = { create: [], update: [], remove: [] }
    expect(planSlices([wanted!], [])).toEqual({ ...none, create: [wanted] })
    expect(planSlices([wanted!], [held])).toEqual(none)
    expect(planSlices([], [held])).toEqual({ ...none, remove: [held] })
    const changed = { ...wanted!, endpoints: [] }
    expect(planSlices([changed], [held])).toMatchObject({
      ...none,
      update: [{ endpoints: [], metadata: { resourceVersion: '9' } }],
    })
  })
})
