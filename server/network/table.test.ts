import { describe, expect, it } from 'vitest'
import type { EndpointSlice, Service, SliceEndpoint } from '../../shared/kubernetes/network.ts'
import { changesBetween, routesOf } from './table.ts'

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  metadata: { namespace: 'x', name: 'web' },
  spec: { clusterIP: '127.96.0.7', ports: [{ port: 80, targetPort: 8080 }], ...spec },
})

const endpoint = (ip: string, conditions?: SliceEndpoint['conditions']): SliceEndpoint => ({
  addresses: [ip],
  ...(conditions && { conditions }),
})

const slice = (
  endpoints: SliceEndpoint[],
  ports: EndpointSlice['ports'] = [{ name: '', port: 8080, protocol: 'TCP' }],
): EndpointSlice => ({ metadata: { name: 'web-1' }, addressType: 'IPv4', endpoints, ports })

const targets = (given: Service, ...slices: EndpointSlice[]) =>
  routesOf(given, slices).routes.map((route) => route.targets.map((t) => `${t.ip}:${t.port}`))

describe('routes of a service', () => {
  it('lead from the cluster address to the ready endpoints of all slices', () => {
    const slices = [
      slice([endpoint('127.64.0.2', { ready: true }), endpoint('127.64.0.1')]),
      slice([endpoint('127.64.0.3', { ready: false }), endpoint('127.64.0.1')]),
    ]
    expect(routesOf(service(), slices)).toEqual({
      routes: [
        {
          key: 'x/web:80',
          service: 'x/web',
          protocol: 'TCP',
          addresses: ['127.96.0.7'],
          port: 80,
          targets: [
            { ip: '127.64.0.1', port: 8080 },
            { ip: '127.64.0.2', port: 8080 },
          ],
        },
      ],
      unsupported: [],
    })
  })

  it('there are none for headless services and external names', () => {
    for (const spec of [
      { clusterIP: 'None' },
      { clusterIP: '' },
      { type: 'ExternalName' as const },
    ]) {
      expect(routesOf(service(spec), [slice([endpoint('127.64.0.1')])]).routes).toEqual([])
    }
  })

  it('a service without endpoints has a route that leads nowhere', () => {
    expect(targets(service())).toEqual([[]])
    expect(targets(service(), slice([endpoint('127.64.0.1', { ready: false })]))).toEqual([[]])
  })

  it('match ports by name and protocol', () => {
    const given = service({
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'other', port: 99 },
      ],
    })
    const ports = [
      { name: 'http', port: 8080 },
      { name: 'dns', port: 5353, protocol: 'UDP' },
      { name: 'dns', port: 1 },
    ]
    expect(targets(given, slice([endpoint('127.64.0.1')], ports))).toEqual([
      ['127.64.0.1:8080'],
      ['127.64.0.1:5353'],
      [],
    ])
    const keys = routesOf(given, []).routes.map((route) => route.key)
    expect(keys).toEqual(['x/web:http', 'x/web:dns/UDP', 'x/web:other'])
  })

  it('fall back to terminating endpoints only when none is ready', () => {
    const leaving = { ready: false, serving: true, terminating: true }
    const gone = { ready: false, serving: false, terminating: true }
    const both = slice([endpoint('127.64.0.1', leaving), endpoint('127.64.0.2', gone)])
    expect(targets(service(), both)).toEqual([['127.64.0.1:8080']])
    expect(targets(service(), both, slice([endpoint('127.64.0.3')]))).toEqual([['127.64.0.3:8080']])
  })

  it('publishNotReadyAddresses takes every endpoint', () => {
    const given = service({ publishNotReadyAddresses: true })
    expect(targets(given, slice([endpoint('127.64.0.1', { ready: false })]))).toEqual([
      ['127.64.0.1:8080'],
    ])
  })

  it('carry node ports and session affinity', () => {
    const given = service({
      type: 'NodePort',
      ports: [{ port: 80, nodePort: 30080 }],
      sessionAffinity: 'ClientIP',
    })
    expect(routesOf(given, []).routes[0]).toMatchObject({
      nodePort: 30080,
      affinitySeconds: 10_800,
    })
    given.spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 60 } }
    expect(routesOf(given, []).routes[0]).toMatchObject({ affinitySeconds: 60 })
  })

  it('say what is not implemented', () => {
    const given = service({
      ports: [{ port: 1, protocol: 'SCTP' }],
      internalTrafficPolicy: 'Local',
      externalIPs: ['127.99.0.1', '10.0.0.1'],
    })
    const { routes, unsupported } = routesOf(given, [])
    expect(routes).toEqual([])
    expect(unsupported).toHaveLength(3)
  })
})

describe('changes between routes', () => {
  it('are the routes that differ and the keys that are gone', () => {
    const before = routesOf(service({ ports: [{ port: 1 }, { port: 2 }, { port: 3 }] }), []).routes
    const now = routesOf(
      service({ ports: [{ port: 1 }, { port: 2, nodePort: 30002 }, { port: 4 }] }),
      [],
    ).routes
    const { set, remove } = changesBetween(before, now)
    expect(set.map((route) => route.key)).toEqual(['x/web:2', 'x/web:4'])
    expect(remove).toEqual(['x/web:3'])
    expect(changesBetween(now, now)).toEqual({ set: [], remove: [] })
  })
})
