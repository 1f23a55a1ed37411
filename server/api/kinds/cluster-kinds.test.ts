// Nodes, namespaces, events, endpoints: what they show and refuse.
import { describe, expect, it } from 'vitest'
import type { Event, Namespace, Node } from '../../../shared/kubernetes/cluster.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { EndpointSlice, Endpoints } from '../../../shared/kubernetes/network.ts'
import { endpointsStrategy, endpointSliceStrategy } from './endpoints.ts'
import { eventStrategy } from './events.ts'
import { namespaceStrategy } from './namespaces.ts'
import { nodeStrategy } from './nodes.ts'
import type { Strategy } from './strategy.ts'
import { createWith, updateWith } from './testing/messages.ts'

const NOW = Date.parse('2030-01-01T00:00:00Z')

function shown<T extends KubeObject>({ columns }: Strategy<T>, object: T): string {
  return columns.map(({ name, cell }) => `${name}=${cell(object, NOW)}`).join(' ')
}

describe('Node', () => {
  const node: Node = {
    metadata: {
      name: 'node-1',
      creationTimestamp: '2029-12-31T23:00:00Z',
      labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'extra' },
    },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '127.32.0.1' }],
      nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Debian' },
    },
  }

  it('shows itself as kubectl prints it', () => {
    expect(shown(nodeStrategy, node)).toBe(
      'Name=node-1 Status=Ready,SchedulingDisabled Roles=extra,worker Age=60m Version=v1.36.0 Internal-IP=127.32.0.1 External-IP=<none> OS-Image=Debian Kernel-Version=<unknown> Container-Runtime=<unknown>',
    )
    expect(shown(nodeStrategy, { metadata: { name: 'x' } })).toContain(
      'Status=Unknown Roles=<none>',
    )
  })

  it('keeps the status its kubelet registers it with', () => {
    const object = structuredClone(node)
    object.status!.capacity = { cpu: '2' }
    createWith(nodeStrategy, object)
    expect(object.status?.allocatable).toEqual({ cpu: '2' })
    expect(object.status?.conditions).toHaveLength(1)
  })

  it('refuses taints that say the same or nothing', () => {
    const taint = { key: 'a', effect: 'NoSchedule' as const }
    const object: Node = {
      metadata: { name: 'a' },
      spec: { taints: [taint, taint, { key: 'b', effect: 'Never' as never }] },
    }
    expect(createWith(nodeStrategy, object)).toEqual([
      'spec.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}',
      'spec.taints[2].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    ])
  })

  it('keeps its addresses for pods', () => {
    const old: Node = { metadata: { name: 'a' }, spec: { podCIDR: '127.64.0.0/24' } }
    expect(updateWith(nodeStrategy, old, (next) => (next.spec = {}))).toEqual([
      'spec.podCIDR: Forbidden: node updates may not change podCIDR except from "" to valid',
    ])
  })
})

it('a namespace is active, labelled with its name and held by its finalizer', () => {
  const object: Namespace = { metadata: { name: 'a' } }
  expect(createWith(namespaceStrategy, object)).toEqual([])
  expect(object).toEqual({
    metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'a' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
  expect(updateWith(namespaceStrategy, object, (next) => delete next.spec)).toEqual([])
})

describe('Event', () => {
  const event: Event = {
    metadata: { name: 'a.1', namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
    type: 'Normal',
    reason: 'Pulled',
    message: 'Image is here\n',
    source: { component: 'kubelet', host: 'node-1' },
    firstTimestamp: '2029-12-31T23:50:00Z',
    lastTimestamp: '2029-12-31T23:59:30Z',
    count: 3,
  }

  it('shows itself as kubectl prints it', () => {
    expect(shown(eventStrategy, event)).toBe(
      'Last Seen=30s Type=Normal Reason=Pulled Object=pod/a Subobject= Source=kubelet, node-1 Message=Image is here First Seen=10m Count=3 Name=a.1',
    )
  })

  it('belongs to the namespace of what it is about', () => {
    const elsewhere = { ...event, involvedObject: { kind: 'Pod', name: 'a', namespace: 'other' } }
    expect(createWith(eventStrategy, structuredClone(elsewhere))).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ])
    const aboutNode = { ...event, involvedObject: { kind: 'Node', name: 'node-1' } }
    expect(createWith(eventStrategy, structuredClone(aboutNode))).toEqual([])
  })

  it('is found by what it is about', () => {
    expect(eventStrategy.fields?.['involvedObject.name']?.(event)).toBe('a')
    expect(eventStrategy.fields?.['reason']?.(event)).toBe('Pulled')
  })
})

describe('endpoints', () => {
  const metadata = { name: 'a', namespace: 'default', creationTimestamp: '2029-12-31T23:59:00Z' }
  const ips = ['127.64.0.1', '127.64.0.2', '127.64.1.1', '127.64.1.2']

  it('shows three addresses and counts the rest', () => {
    const object: Endpoints = {
      metadata,
      subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 80 }] }],
    }
    expect(shown(endpointsStrategy, object)).toBe(
      'Name=a Endpoints=127.64.0.1:80,127.64.0.2:80,127.64.1.1:80 + 1 more... Age=60s',
    )
    expect(shown(endpointsStrategy, { metadata })).toContain('Endpoints=<none>')
  })

  it('shows slices', () => {
    const slice: EndpointSlice = {
      metadata,
      addressType: 'IPv4',
      endpoints: ips.map((ip) => ({ addresses: [ip] })),
      ports: [{ name: '', port: 80 }],
    }
    expect(shown(endpointSliceStrategy, slice)).toBe(
      'Name=a AddressType=IPv4 Ports=80 Endpoints=127.64.0.1,127.64.0.2,127.64.1.1 + 1 more... Age=60s',
    )
    const empty: EndpointSlice = { metadata, addressType: 'IPv4', endpoints: [] }
    expect(shown(endpointSliceStrategy, empty)).toContain('Ports=<unset> Endpoints=<unset>')
  })

  it('refuses addresses that are none, and another type', () => {
    const slice: EndpointSlice = {
      metadata,
      addressType: 'IPv4',
      endpoints: [{ addresses: ['here'] }, { addresses: [] }],
    }
    expect(createWith(endpointSliceStrategy, slice)).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'endpoints[1].addresses: Required value: must contain at least 1 address',
    ])
    const old: EndpointSlice = { metadata, addressType: 'IPv4', endpoints: [] }
    expect(updateWith(endpointSliceStrategy, old, (next) => (next.addressType = 'IPv6'))).toEqual([
      'addressType: Invalid value: "IPv6": field is immutable',
    ])
  })
})
