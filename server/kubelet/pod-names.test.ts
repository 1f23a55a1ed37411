import { expect, test } from 'vitest'
import type { PodSpec } from '../../shared/kubernetes/pod.ts'
import { hostnameOf, hostsFile, resolverFile } from './pod-names.ts'

const machine =
  '# of the house\nnameserver 10.0.0.1\nsearch example.org\noptions timeout:1 ndots:1\n'
const clusterDns = { address: '127.96.0.10', port: 53 }
const podWith = (spec: Partial<PodSpec>, name = 'a') => ({
  metadata: { name, namespace: 'shop' },
  spec: { containers: [], ...spec },
})
const resolver = (spec: Partial<PodSpec>, dns: typeof clusterDns | undefined = clusterDns) =>
  resolverFile(podWith(spec), { clusterDns: dns, machine })

test('a pod asks the cluster, with the domains of its namespace before those of the machine', () => {
  expect(resolver({})).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local example.org\n' +
      'nameserver 127.96.0.10\noptions ndots:5\n',
  )
})

test.each([
  [{ dnsPolicy: 'Default' as const }, clusterDns],
  [{ hostNetwork: true }, clusterDns],
  [{}, undefined],
  [{}, { address: '127.96.0.10', port: 5353 }],
])('%o asks as the machine does when DNS is %o', (spec, dns) => {
  expect(resolverFile(podWith(spec), { clusterDns: dns, machine })).toBe(
    'search example.org\nnameserver 10.0.0.1\noptions timeout:1 ndots:1\n',
  )
})

test('dnsConfig is added; its options replace those of the policy; None leaves it alone', () => {
  const dnsConfig = {
    nameservers: ['192.0.2.1'],
    searches: ['ns1.example'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  }
  expect(resolver({ dnsPolicy: 'None', dnsConfig })).toBe(
    'search ns1.example\nnameserver 192.0.2.1\noptions ndots:2 edns0\n',
  )
  expect(resolver({ dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true, dnsConfig })).toBe(
    'search shop.svc.cluster.local svc.cluster.local cluster.local example.org ns1.example\n' +
      'nameserver 127.96.0.10\nnameserver 192.0.2.1\noptions ndots:2 edns0\n',
  )
})

test('hosts: the pod with its name, in full when it has a subdomain, and aliases', () => {
  expect(hostsFile(podWith({}), '127.64.0.1')).toMatch(/\n127\.64\.0\.1\ta\n$/)
  const hostAliases = [{ ip: '192.0.2.9', hostnames: ['foo.local', 'bar.local'] }]
  expect(
    hostsFile(podWith({ hostname: 'h', subdomain: 's', hostAliases }), '127.64.0.1'),
  ).toContain(
    '127.64.0.1\th.s.shop.svc.cluster.local\th\n\n# Entries added by HostAliases.\n192.0.2.9\tfoo.local\tbar.local\n',
  )
})

test('a host name holds 63 characters and ends with a letter or digit', () => {
  expect(hostnameOf(podWith({}, `${'a'.repeat(62)}-b`))).toBe('a'.repeat(62))
})
