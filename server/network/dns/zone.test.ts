import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Service } from '../../../shared/kubernetes/network.ts'
import type { ZoneView } from './zone.ts'
import { replyTo } from './zone.ts'

const service = (name: string, spec: Service['spec']): Service => ({
  metadata: { name, namespace: 'shop' },
  spec,
})
const SERVICES = [
  service('web', { clusterIP: '127.96.1.1', ports: [{ name: 'http', port: 80 }] }),
  service('db', { clusterIP: 'None', ports: [{ name: 'peer', port: 7000, protocol: 'UDP' }] }),
  service('empty', { clusterIP: 'None', ports: [{ port: 80 }] }),
  service('out', { type: 'ExternalName', externalName: 'example.org' }),
]
const SLICES: Record<string, EndpointSlice[]> = {
  'shop/db': [
    {
      metadata: { name: 'db-1' },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['127.64.0.1'], hostname: 'db-0', conditions: { ready: true } },
        { addresses: ['127.64.0.2'], conditions: {} },
        { addresses: ['127.64.0.3'], hostname: 'db-2', conditions: { ready: false } },
      ],
      ports: [{ name: 'peer', port: 7000, protocol: 'UDP' }],
    },
  ],
}
const view: ZoneView = {
  hasNamespace: (name) => name === 'shop',
  service: (key) => SERVICES.find(({ metadata }) => `shop/${metadata.name}` === key),
  slices: (key) => SLICES[key] ?? [],
  serviceImport: () => undefined,
  importedSlices: () => [],
  servicesAt: (address) =>
    SERVICES.filter(
      ({ spec, metadata }) =>
        spec.clusterIP === address ||
        SLICES[`shop/${metadata.name}`]?.some(({ endpoints }) =>
          endpoints.some(({ addresses }) => addresses.includes(address)),
        ),
    ),
}
const DOMAIN = 'shop.svc.cluster.local'
const ask = (name: string, type = 'A') => replyTo(view, { name, type })
const data = (name: string, type = 'A') => ask(name, type)?.answers.map((answer) => answer.data)

describe('addresses', () => {
  test.each([
    [`web.${DOMAIN}`, ['127.96.1.1']],
    [`WEB.Shop.svc.cluster.local.`, ['127.96.1.1']],
    [`db.${DOMAIN}`, ['127.64.0.1', '127.64.0.2']],
    [`db-0.db.${DOMAIN}`, ['127.64.0.1']],
    [`127-64-0-2.db.${DOMAIN}`, ['127.64.0.2']],
    ['127-64-0-9.shop.pod.cluster.local', ['127.64.0.9']],
  ])('%s is at %o', (name, addresses) => expect(data(name)).toEqual(addresses))

  test.each([
    `none.${DOMAIN}`,
    `empty.${DOMAIN}`,
    `db-2.db.${DOMAIN}`,
    `db-9.db.${DOMAIN}`,
    `a.web.${DOMAIN}`,
    `a.b.c.web.${DOMAIN}`,
    'web.other.svc.cluster.local',
    'web.shop.cluster.local',
    'x.shop.pod.cluster.local',
  ])('there is no %s', (name) => expect(ask(name)).toMatchObject({ exists: false, answers: [] }))

  test.each([
    [DOMAIN, 'A'],
    ['svc.cluster.local', 'A'],
    ['cluster.local', 'SOA'],
    [`web.${DOMAIN}`, 'AAAA'],
    [`_http._tcp.web.${DOMAIN}`, 'A'],
  ])('%s exists, without %s', (name, type) => {
    expect(ask(name, type)).toMatchObject({ exists: true, answers: [] })
  })

  test.each(['example.org', 'cluster.local.example.org', '9.0.64.127.in-addr.arpa'])(
    '%s is for others to answer',
    (name) => expect(ask(name, 'PTR')).toBeUndefined(),
  )
})

describe('ports', () => {
  test('of a service with an address', () => {
    const target = `web.${DOMAIN}`
    const reply = ask(`_http._tcp.${target}`, 'SRV')
    expect(reply?.answers).toMatchObject([{ data: { port: 80, target, priority: 0, weight: 100 } }])
    expect(reply?.additionals).toMatchObject([{ name: target, type: 'A', data: '127.96.1.1' }])
    expect(ask(`_http._udp.${target}`, 'SRV')?.exists).toBe(false)
    expect(ask(`_https._tcp.${target}`, 'SRV')?.exists).toBe(false)
  })

  test('of each endpoint of a headless service', () => {
    const reply = ask(`_peer._udp.db.${DOMAIN}`, 'SRV')
    expect(reply?.answers).toMatchObject([
      { data: { port: 7000, target: `db-0.db.${DOMAIN}` } },
      { data: { port: 7000, target: `127-64-0-2.db.${DOMAIN}` } },
    ])
    expect(reply?.additionals.map(({ name }) => name)).toEqual([
      `db-0.db.${DOMAIN}`,
      `127-64-0-2.db.${DOMAIN}`,
    ])
  })
})

test('names of addresses, aliases, and the version of the schema', () => {
  expect(data('1.1.96.127.in-addr.arpa', 'PTR')).toEqual([`web.${DOMAIN}`])
  expect(data('1.0.64.127.in-addr.arpa', 'PTR')).toEqual([`db-0.db.${DOMAIN}`])
  expect(ask(`out.${DOMAIN}`)).toMatchObject({
    elsewhere: 'example.org',
    answers: [{ type: 'CNAME', data: 'example.org' }],
  })
  expect(data('dns-version.cluster.local', 'TXT')).toEqual(['1.1.0'])
})
