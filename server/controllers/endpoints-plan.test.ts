import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Service, ServiceSpec } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { planEndpoints, planSlices, SLICE_SIZE } from './endpoints-plan.ts'
import type { PodOptions } from './testing/objects.ts'
import { makePod } from './testing/objects.ts'

const service = (spec: Partial<ServiceSpec> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'uid-web', labels: { team: 'a' } },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }], ...spec },
})

interface Outcome {
  endpoints: 'ready' | 'notReady' | 'absent'
  slice: [ready: boolean, serving: boolean, terminating: boolean] | 'absent'
}
const cases: [string, PodOptions, Partial<ServiceSpec>, Outcome][] = [
  ['ready', {}, {}, { endpoints: 'ready', slice: [true, true, false] }],
  ['not ready', { ready: false }, {}, { endpoints: 'notReady', slice: [false, false, false] }],
  ['leaving', { deleting: true }, {}, { endpoints: 'absent', slice: [false, true, true] }],
  [
    'leaving and not ready',
    { deleting: true, ready: false },
    {},
    { endpoints: 'absent', slice: [false, false, true] },
  ],
  ['finished', { phase: 'Succeeded' }, {}, { endpoints: 'absent', slice: 'absent' }],
  ['without address', { ip: '' }, {}, { endpoints: 'absent', slice: 'absent' }],
  [
    'not ready, but published anyway',
    { ready: false },
    { publishNotReadyAddresses: true },
    { endpoints: 'ready', slice: [true, false, false] },
  ],
  [
    'leaving, but published anyway',
    { deleting: true },
    { publishNotReadyAddresses: true },
    { endpoints: 'ready', slice: [true, true, true] },
  ],
]

describe('a pod that is', () => {
  test.each(cases)('%s', (_, options, spec, outcome) => {
    const pod = makePod({ ip: '127.64.0.1', ...options })
    const [subset] = planEndpoints(service(spec), [pod]).subsets ?? []
    const where = subset?.addresses ? 'ready' : subset?.notReadyAddresses ? 'notReady' : 'absent'
    expect(where).toBe(outcome.endpoints)
    const [endpoint] = planSlices(service(spec), [pod], []).create[0]?.endpoints ?? []
    const conditions = endpoint?.conditions
    expect(
      conditions ? [conditions.ready, conditions.serving, conditions.terminating] : 'absent',
    ).toEqual(outcome.slice)
  })
})

test('addresses carry node and target, ports their names', () => {
  const pod = makePod({ name: 'p', ip: '127.64.0.1', node: 'node-2' })
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  expect(planEndpoints(service({ ports }), [pod]).subsets).toEqual([
    {
      addresses: [
        {
          ip: '127.64.0.1',
          nodeName: 'node-2',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'p', uid: 'uid-p' },
        },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ])
})

test('a named port is looked up in each pod; pods with other numbers are in a part of their own', () => {
  const named = (ip: string, containerPort: number): Pod =>
    makePod({
      ip,
      spec: { containers: [{ name: 'main', ports: [{ name: 'http', containerPort }] }] },
    })
  const pods = [named('127.64.0.1', 80), named('127.64.0.2', 8080), makePod({ ip: '127.64.0.3' })]
  const target = service({ ports: [{ port: 80, targetPort: 'http' }] })
  const numbers = planEndpoints(target, pods).subsets?.map(({ ports }) => ports?.[0]?.port)
  expect(numbers).toEqual([80, 8080])
  const { create } = planSlices(target, pods, [])
  expect(create.map(({ ports }) => ports?.[0]?.port)).toEqual([80, 8080])
})

test('a headless service without ports has addresses without ports', () => {
  const headless = service({ clusterIP: 'None', ports: [] })
  const pods = [makePod({ ip: '127.64.0.1', spec: { hostname: 'a', subdomain: 'web' } })]
  const { metadata, subsets } = planEndpoints(headless, pods)
  expect(metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' })
  expect(subsets?.[0]).not.toHaveProperty('ports')
  expect(subsets?.[0]?.addresses?.[0]).toMatchObject({ ip: '127.64.0.1', hostname: 'a' })
})

test('more than a thousand pods are cut off in Endpoints, the ready ones last', () => {
  const pods = Array.from({ length: 1005 }, (_, index) =>
    makePod({ name: `p${index}`, ip: `127.64.${index >> 8}.${index & 255}`, ready: index >= 5 }),
  )
  const { metadata, subsets } = planEndpoints(service(), pods)
  expect(metadata.annotations).toEqual({ 'endpoints.kubernetes.io/over-capacity': 'truncated' })
  expect(subsets?.[0]?.addresses).toHaveLength(1000)
  expect(subsets?.[0]?.notReadyAddresses).toBeUndefined()
})

test('nobody behind a service is one empty slice', () => {
  const { create } = planSlices(service(), [], [])
  expect(create.map(({ endpoints }) => endpoints)).toEqual([[]])
  expect(planSlices(service(), [], create)).toEqual({ create: [], update: [], remove: [] })
})

describe('slices', () => {
  const podsOf = (indexes: readonly number[], ready: boolean): Pod[] =>
    indexes.map((index) =>
      makePod({ name: `p${index}`, ip: `127.64.${index >> 8}.${index & 255}`, ready }),
    )
  let next = 0
  const carryOut = (pods: Pod[], held: EndpointSlice[]): EndpointSlice[] => {
    const plan = planSlices(service(), pods, held)
    const named = plan.create.map((slice) => ({
      ...slice,
      metadata: { ...slice.metadata, name: `s${next++}` },
    }))
    const updated = new Map(plan.update.map((slice) => [slice.metadata.name, slice]))
    const kept = held.filter((slice) => !plan.remove.includes(slice))
    return [...kept.map((slice) => updated.get(slice.metadata.name) ?? slice), ...named]
  }

  test('hold every pod exactly once, are never too full, and then nothing is left to write', () => {
    const sets = fc.array(fc.uniqueArray(fc.nat(260), { maxLength: 260 }), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(sets, (steps) => {
        let held: EndpointSlice[] = []
        for (const [step, indexes] of steps.entries()) {
          const pods = podsOf(indexes, step % 2 === 0)
          held = carryOut(pods, held)
          const ips = held.flatMap(({ endpoints }) =>
            endpoints.map(({ addresses }) => addresses[0]),
          )
          expect(new Set(ips)).toEqual(new Set(pods.map((pod) => pod.status?.podIP)))
          expect(ips).toHaveLength(pods.length)
          for (const { endpoints } of held) expect(endpoints.length).toBeLessThanOrEqual(SLICE_SIZE)
          expect(planSlices(service(), pods, held)).toEqual({ create: [], update: [], remove: [] })
        }
      }),
      { numRuns: 40 },
    )
  })

  test('one pod that changes costs one slice', () => {
    const indexes = Array.from({ length: 250 }, (_, index) => index)
    const pods = podsOf(indexes, true)
    const held = carryOut(pods, [])
    expect(held).toHaveLength(3)
    const [first, ...others] = pods
    const changed = makePod({
      name: first!.metadata.name!,
      ip: first!.status!.podIP!,
      ready: false,
    })
    const plan = planSlices(service(), [changed, ...others], held)
    expect(plan).toMatchObject({ create: [], remove: [] })
    expect(plan.update).toHaveLength(1)
  })
})
