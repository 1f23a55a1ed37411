import { describe, expect, it, test } from 'vitest'
import type { Ingress, IngressClass } from '../../../shared/kubernetes/ingress.ts'
import { ingressClasses } from '../../../shared/kubernetes/kinds.ts'
import { shownIngress, storedIngress } from './ingress-faces.ts'
import { ingressClassStrategy, ingressStrategy } from './ingresses.ts'
import { contextOver } from './testing/samples.ts'

const backend = { service: { name: 'web', port: { number: 80 } } }
const path = (change: object) => ({ path: '/', pathType: 'Prefix', backend, ...change })
const ruled = (host: string | undefined, ...paths: object[]): Ingress =>
  ({
    metadata: { name: 'a', namespace: 'default' },
    spec: { rules: [{ ...(host && { host }), http: { paths } }] },
  }) as Ingress

const said = (ingress: Ingress): string[] =>
  ingressStrategy
    .validate(ingress, contextOver())
    .map(({ field, message }) => `${field}: ${message}`)

describe('what is refused, in the words of kube-apiserver', () => {
  test.each<[Ingress, string]>([
    [
      { metadata: { name: 'a' }, spec: {} },
      'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
    ],
    [
      ruled('127.0.0.1', path({})),
      'spec.rules[0].host: Invalid value: "127.0.0.1": must be a DNS name, not an IP address',
    ],
    [ruled(undefined), 'spec.rules[0].http.paths: Required value'],
    [
      ruled(undefined, path({ pathType: undefined })),
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ],
    [
      ruled(undefined, path({ pathType: 'Regex' })),
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
    ],
    [
      ruled(undefined, path({ path: 'foo' })),
      'spec.rules[0].http.paths[0].path: Invalid value: "foo": must be an absolute path',
    ],
    [
      ruled(undefined, path({ path: '/a//b' })),
      `spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain '//'`,
    ],
    [
      ruled(undefined, path({ path: '/a/..' })),
      `spec.rules[0].http.paths[0].path: Invalid value: "/a/..": cannot end with '/..'`,
    ],
    [
      ruled(undefined, path({ backend: {} })),
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
    ],
    [
      ruled(undefined, path({ backend: { service: { name: 'web' } } })),
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
    ],
    [
      ruled(
        undefined,
        path({ backend: { service: { name: 'a', port: { name: 'b', number: 1 } } } }),
      ),
      'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number',
    ],
  ])('%#', (ingress, expected) => {
    expect(said(ingress)).toEqual([expected])
  })

  it('takes wildcards with one star in front, and no others', () => {
    expect(said(ruled('*.foo.com', path({})))).toEqual([])
    expect(said(ruled('foo.*.com', path({})))[0]).toMatch(
      /a wildcard DNS-1123 subdomain must start with '\*\.', followed by a valid DNS subdomain/,
    )
  })
})

describe('the class', () => {
  const ingressClass = (name: string, creationTimestamp: string): IngressClass => ({
    metadata: {
      name,
      creationTimestamp,
      annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
    },
    spec: { controller: 'example.com/a' },
  })
  const context = (warnings: string[] = []) =>
    contextOver(
      [
        { kind: ingressClasses, object: ingressClass('older', '2029-01-01T00:00:00Z') },
        { kind: ingressClasses, object: ingressClass('newer', '2030-01-01T00:00:00Z') },
      ],
      warnings,
    )

  it('is the newest default where none is named', () => {
    const ingress = ruled(undefined, path({}))
    ingressStrategy.prepareForCreate?.(ingress, context())
    expect(ingress.spec.ingressClassName).toBe('newer')
  })

  it('is not set beside the annotation, which is deprecated and must agree', () => {
    const ingress = ruled(undefined, path({}))
    const warnings: string[] = []
    ingress.metadata.annotations = { 'kubernetes.io/ingress.class': 'nginx' }
    ingressStrategy.prepareForCreate?.(ingress, context(warnings))
    expect(ingress.spec.ingressClassName).toBeUndefined()
    expect(warnings).toEqual([
      `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
    ])
    ingress.spec.ingressClassName = 'other'
    expect(() => ingressStrategy.prepareForCreate?.(ingress, context())).toThrow(
      /must match `ingressClassName` when both are specified/,
    )
  })

  it('keeps its controller', () => {
    const old = ingressClass('a', '2030-01-01T00:00:00Z')
    const next = { ...old, spec: { controller: 'example.com/b' } }
    const causes = ingressClassStrategy.validateUpdate?.(next, old, context()) ?? []
    expect(causes.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.controller: Invalid value: "example.com/b": field is immutable',
    ])
  })
})

test('columns are those of a real cluster', () => {
  const hosts = ['a.com', 'b.com', 'c.com', 'd.com', 'e.com']
  const ingress: Ingress = {
    metadata: { name: 'a' },
    spec: { ingressClassName: 'podium', tls: [{}], rules: hosts.map((host) => ({ host })) },
    status: { loadBalancer: { ingress: [{ ip: '127.96.100.100' }, { ip: '127.96.100.101' }] } },
  }
  const cells = ingressStrategy.columns.slice(1, 5).map(({ cell }) => cell(ingress, 0))
  expect(cells).toEqual(['podium', 'a.com,b.com,c.com + 2 more...', '127.96.100.10...', '80, 443'])
})

test('an Ingress of 2015 and back', () => {
  const old = {
    spec: {
      backend: { serviceName: 'd', servicePort: 'http' },
      rules: [
        { http: { paths: [{ path: '/a', backend: { serviceName: 's', servicePort: 80 } }] } },
      ],
    },
  }
  const stored = storedIngress(structuredClone(old))
  const wanted = { name: 's', port: { number: 80 } }
  expect(stored).toEqual({
    spec: {
      defaultBackend: { service: { name: 'd', port: { name: 'http' } } },
      rules: [
        {
          http: {
            paths: [
              { path: '/a', pathType: 'ImplementationSpecific', backend: { service: wanted } },
            ],
          },
        },
      ],
    },
  })
  expect(shownIngress(stored)).toMatchObject(old)
})
