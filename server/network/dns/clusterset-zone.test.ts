import { expect, test } from 'vitest'
import type { ServiceImport, ServiceImportSpec } from '../../../shared/kubernetes/multicluster.ts'
import { SOURCE_CLUSTER_LABEL } from '../../../shared/kubernetes/multicluster.ts'
import type { EndpointSlice } from '../../../shared/kubernetes/network.ts'
import type { ClustersetView } from './clusterset-zone.ts'
import { replyInClusterset } from './clusterset-zone.ts'

const imported = (spec: ServiceImportSpec): ServiceImport => ({
  metadata: { namespace: 'shop' },
  spec,
})
const PORTS = [{ name: 'http', port: 80, protocol: 'TCP' as const }]
const IMPORTS: Record<string, ServiceImport> = {
  'shop/web': imported({ type: 'ClusterSetIP', ips: ['127.96.1.1'], ports: PORTS }),
  'shop/new': imported({ type: 'ClusterSetIP', ports: PORTS }),
  'shop/db': imported({ type: 'Headless', ports: PORTS }),
}
const slice = (cluster: string, ...endpoints: EndpointSlice['endpoints']): EndpointSlice => ({
  metadata: { labels: { [SOURCE_CLUSTER_LABEL]: cluster } },
  addressType: 'IPv4',
  endpoints,
  ports: PORTS,
})
const view: ClustersetView = {
  hasNamespace: (name) => name === 'shop',
  serviceImport: (key) => IMPORTS[key],
  importedSlices: (key) =>
    key === 'shop/db'
      ? [
          slice('east', { addresses: ['127.64.0.1'], hostname: 'db-0' }),
          slice(
            'west',
            { addresses: ['127.68.0.1'], hostname: 'db-0' },
            { addresses: ['127.68.0.2'] },
            { addresses: ['127.68.0.3'], conditions: { ready: false } },
          ),
        ]
      : [],
}
const DOMAIN = 'shop.svc.clusterset.local'
const ask = (name: string, type = 'A') => replyInClusterset(view, name, type)

test.each([
  ['the address of the set', `web.${DOMAIN}`, ['127.96.1.1']],
  ['ready endpoints of all clusters', `db.${DOMAIN}`, ['127.64.0.1', '127.68.0.1', '127.68.0.2']],
  ['one endpoint of one cluster', `db-0.west.db.${DOMAIN}`, ['127.68.0.1']],
  ['its namesake of another', `db-0.east.db.${DOMAIN}`, ['127.64.0.1']],
  ['an endpoint without a name', `127-68-0-2.west.db.${DOMAIN}`, ['127.68.0.2']],
])('%s', (_what, name, addresses) => {
  expect(ask(name).answers.map(({ data }) => data)).toEqual(addresses)
})

test('ports lead to the address, or to each endpoint', () => {
  const data = (name: string) => ask(name, 'SRV').answers.map((answer) => answer.data)
  expect(data(`_http._tcp.web.${DOMAIN}`)).toMatchObject([{ port: 80, target: `web.${DOMAIN}` }])
  expect(data(`_http._tcp.db.${DOMAIN}`)).toMatchObject([
    { target: `db-0.east.db.${DOMAIN}` },
    { target: `db-0.west.db.${DOMAIN}` },
    { target: `127-68-0-2.west.db.${DOMAIN}` },
  ])
})

test.each([
  `none.${DOMAIN}`,
  `new.${DOMAIN}`,
  // All endpoints of one cluster have no name of their own.
  `west.db.${DOMAIN}`,
  `west.web.${DOMAIN}`,
  `db-1.west.db.${DOMAIN}`,
  'web.elsewhere.svc.clusterset.local',
  'elsewhere.svc.clusterset.local',
  'pod.clusterset.local',
])('there is no %s', (name) => expect(ask(name).exists).toBe(false))

test('the zone says which version of the specification it keeps', () => {
  expect(ask('dns-version.clusterset.local', 'TXT').answers).toMatchObject([{ data: '1.0.0' }])
  expect(ask('clusterset.local', 'SOA')).toMatchObject({ exists: true, answers: [] })
})
