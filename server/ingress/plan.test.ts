import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { HTTPIngressPath, Ingress, IngressSpec } from '../../shared/kubernetes/ingress.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import type { PlanInput } from './plan.ts'
import { planRouting } from './plan.ts'
import { createRuleFinder, matchesHost, matchesPath } from './routing-table.ts'

const to = (name: string) => ({ service: { name, port: { number: 80 } } })
const at = (path: string, pathType: HTTPIngressPath['pathType'], name: string) => ({
  path,
  pathType,
  backend: to(name),
})

function ingress(name: string, spec: IngressSpec, age = 0): Ingress {
  const creationTimestamp = `2030-01-01T00:00:0${age}Z`
  return { metadata: { name, namespace: 'default', creationTimestamp }, spec }
}

const service = (name: string): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ name: 'http', port: 80 }] },
})
const slice = (...endpoints: EndpointSlice['endpoints']): EndpointSlice => ({
  metadata: {},
  addressType: 'IPv4',
  endpoints,
  ports: [{ name: 'http', port: 8000 }],
})

function planOf(ingresses: Ingress[], input: Partial<PlanInput> = {}) {
  return planRouting({
    ingresses,
    service: (key) => service(key),
    slices: () => [slice({ addresses: ['127.200.0.1'] })],
    secret: () => undefined,
    ...input,
  })
}

const wayOf = (ingresses: Ingress[], host: string, path: string): string | undefined =>
  createRuleFinder(planOf(ingresses).table.rules).find(host, path)?.backend

// The table of examples in Kubernetes' Ingress documentation ("Path types").
test.each([
  ['Prefix', '/', '/any/path', true],
  ['Exact', '/foo', '/foo', true],
  ['Exact', '/foo', '/bar', false],
  ['Exact', '/foo', '/foo/', false],
  ['Exact', '/foo/', '/foo', false],
  ['Prefix', '/foo', '/foo', true],
  ['Prefix', '/foo', '/foo/', true],
  ['Prefix', '/foo/', '/foo', true],
  ['Prefix', '/foo/', '/foo/', true],
  ['Prefix', '/aaa/bb', '/aaa/bbb', false],
  ['Prefix', '/aaa/bbb', '/aaa/bbb', true],
  ['Prefix', '/aaa/bbb/', '/aaa/bbb', true],
  ['Prefix', '/aaa/bbb', '/aaa/bbb/', true],
  ['Prefix', '/aaa/bbb', '/aaa/bbb/ccc', true],
  ['Prefix', '/aaa/bbb', '/aaa/bbbxyz', false],
  ['Prefix', '/aaa', '/ccc', false],
] as const)('%s %s: is %s matched? %s', (type, path, asked, expected) => {
  expect(matchesPath({ type, path }, asked)).toBe(expected)
})

// The table of examples in the same documentation ("Hostname wildcards").
test.each([
  ['*.foo.com', 'bar.foo.com', true],
  ['*.foo.com', 'baz.bar.foo.com', false],
  ['*.foo.com', 'foo.com', false],
])('%s: is %s matched? %s', (pattern, host, expected) => {
  expect(matchesHost(pattern, host)).toBe(expected)
})

describe('which rule counts', () => {
  const paths = [
    at('/', 'Prefix', 'root'),
    at('/aaa', 'Prefix', 'a'),
    at('/aaa/bbb', 'Prefix', 'b'),
    at('/aaa/bbb', 'Exact', 'exact'),
  ]
  const one = [ingress('one', { rules: [{ http: { paths } }] })]

  test.each([
    ['/aaa/bbb/ccc', 'b'],
    ['/aaa/bbb', 'exact'],
    ['/aaa/ccc', 'a'],
    ['/ccc', 'root'],
  ])('%s goes to %s: the longest path, then Exact before Prefix', (path, expected) => {
    expect(wayOf(one, 'any', path)).toBe(`default/${expected}:80`)
  })

  const host = (name: string, backend: string) => ({
    host: name,
    http: { paths: [at('/', 'Prefix', backend)] },
  })
  const hosts = [
    ingress('hosts', {
      defaultBackend: to('default'),
      rules: [host('*.foo.com', 'wild'), host('bar.foo.com', 'exact')],
    }),
  ]

  test.each([
    ['bar.foo.com', 'exact'],
    ['baz.foo.com', 'wild'],
    ['a.b.foo.com', 'default'],
    ['other.com', 'default'],
  ])('%s goes to %s: names, then wildcards, then the default backend', (name, expected) => {
    expect(wayOf(hosts, name, '/x')).toBe(`default/${expected}:80`)
  })

  it('is that of the older Ingress, and the younger is told', () => {
    const rule = (name: string) => ({ rules: [host('a.com', name)] })
    const plan = planOf([ingress('young', rule('y'), 2), ingress('old', rule('o'), 1)])
    expect(plan.table.rules.map(({ backend }) => backend)).toEqual(['default/o:80'])
    expect(plan.problems).toMatchObject([
      {
        ingress: { metadata: { name: 'young' } },
        reason: 'Conflict',
        message: 'a.com/ is already served by Ingress "default/old"',
      },
    ])
  })
})

describe('what is behind a rule', () => {
  const one = [ingress('one', { defaultBackend: to('web') })]

  it('is the ready endpoints, or those that end while they still serve', () => {
    const ending = { ready: false, serving: true, terminating: true }
    const last = { addresses: ['127.200.0.2'], conditions: ending }
    const ready = { addresses: ['127.200.0.1'], conditions: { ready: true } }
    const targetsOf = (...endpoints: EndpointSlice['endpoints']) =>
      planOf(one, { slices: () => [slice(...endpoints)] }).table.backends['default/web:80']?.targets
    expect(targetsOf(last, ready)).toEqual([{ ip: '127.200.0.1', port: 8000 }])
    expect(targetsOf(last)).toEqual([{ ip: '127.200.0.2', port: 8000 }])
    expect(targetsOf({ ...last, conditions: { ready: false } })).toEqual([])
  })

  it('may be missing; other rules go on', () => {
    const both = { rules: [{ http: { paths: [at('/a', 'Exact', 'a'), at('/b', 'Exact', 'b')] } }] }
    const plan = planOf([ingress('both', both)], {
      service: (key) => (key === 'default/a' ? service('a') : undefined),
    })
    expect(plan.table.backends['default/a:80']?.targets).toHaveLength(1)
    expect(plan.table.backends['default/b:80']).toEqual({
      targets: [],
      broken: 'service "default/b" not found',
    })
    expect(plan.problems.map(({ message }) => message)).toEqual(['service "default/b" not found'])
    expect([...plan.references.services]).toEqual(['default/a', 'default/b'])
  })
})

it('names hosts whose certificate is missing or wrong', () => {
  const tls = [
    { hosts: ['A.com'], secretName: 'gone' },
    { hosts: ['b.com'], secretName: 'bad' },
  ]
  const plan = planOf([ingress('tls', { defaultBackend: to('web'), tls })], {
    secret: (key) =>
      key === 'default/bad' ? { metadata: {}, data: { 'tls.crt': 'eA==' } } : undefined,
  })
  expect(plan.table.withoutCertificate).toEqual(['a.com', 'b.com'])
  expect(plan.problems.map(({ reason }) => reason)).toEqual([
    'SecretNotFound',
    'InvalidCertificate',
  ])
})

it('finds by host what trying every rule in order finds', () => {
  const hostName = fc.constantFrom('', 'a.com', 'b.a.com', '*.a.com', '*.b.a.com')
  const path = fc
    .array(fc.constantFrom('a', 'b', ''), { maxLength: 3 })
    .map((p) => `/${p.join('/')}`)
  const rule = fc.record({
    host: hostName,
    path,
    type: fc.constantFrom('Exact' as const, 'Prefix' as const),
    backend: fc.uuid(),
    ingress: fc.constant('x/y'),
  })
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 12 }), hostName, path, (rules, host, asked) => {
      const found = rules.find((one) => matchesHost(one.host, host) && matchesPath(one, asked))
      if (host.startsWith('*')) return
      expect(createRuleFinder(rules).find(host, asked)).toBe(found)
    }),
  )
})
