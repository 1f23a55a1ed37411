// HTTP load balancing: the examples of Kubernetes' Ingress documentation, as written but for their images.
import { execFileSync } from 'node:child_process'
import { webcrypto as crypto } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import type { TLSSocket } from 'node:tls'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TrafficReport } from '../shared/traffic.ts'
import { eventually, hasHaproxy, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { kubectlPath } from './tools/kubectl.ts'

let podium: Product
let kubectl: (...args: string[]) => string
let folder: string

beforeAll(async () => {
  const program = await kubectlPath()
  podium = await startProduct(['--demo', 'none', '--nodes', '1'])
  folder = mkdtempSync(path.join(os.tmpdir(), 'podium-ingress-'))
  kubectl = (...args) =>
    execFileSync(program, ['--kubeconfig', podium.kubeconfig, ...args], { encoding: 'utf8' })
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
  removeDirectory(folder)
})

function apply(text: string): void {
  const file = path.join(folder, 'objects.yaml')
  writeFileSync(file, text)
  kubectl('apply', '-f', file)
}

/** A Deployment of one pod and its Service at this port. */
const served = (name: string, port: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - { name: web, image: 'podium/web:v1', readinessProbe: { httpGet: { path: /-/ready, port: 80 } } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: ${port}, targetPort: 80 }] }
---`

const FAN_OUT = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: simple-fanout-example
spec:
  rules:
  - host: foo.bar.com
    http:
      paths:
      - path: /foo
        pathType: Prefix
        backend:
          service:
            name: service1
            port:
              number: 4200
      - path: /bar
        pathType: Prefix
        backend:
          service:
            name: service2
            port:
              number: 8080
`
const byName = (name: string, extra = ''): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:${extra}
  rules:
  - host: first.bar.com
    http:
      paths:
      - pathType: Prefix
        path: "/"
        backend: { service: { name: service1, port: { number: 4200 } } }
  - host: second.bar.com
    http:
      paths:
      - pathType: Prefix
        path: "/"
        backend: { service: { name: service2, port: { number: 8080 } } }
`

interface Answer {
  code: number
  pod: string
  body: string
}

function ask(ip: string, host: string, asked: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: ip, port: 80, path: asked, headers: { Host: host }, agent: false }
    const sent = http.get(options, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () =>
        resolve({
          code: response.statusCode ?? 0,
          pod: String(response.headers['x-pod'] ?? ''),
          body,
        }),
      )
    })
    sent.on('error', reject)
  })
}

/** A certificate that is its own authority, and its key, both PEM. */
async function selfSigned(name: string): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: cert.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
}

const addressOf = (name: string): Promise<string> =>
  eventually(`an address of ${name}`, () => {
    const where = 'jsonpath={.status.loadBalancer.ingress[0].ip}'
    return kubectl('get', 'ingress', name, '-o', where) || undefined
  })

/** Waits until the address answers so; rules come into force a moment after they are applied. */
async function answers(ip: string, host: string, asked: string, wanted: Partial<Answer>) {
  await eventually(`${host}${asked} to answer ${JSON.stringify(wanted)}`, async () => {
    const answer = await ask(ip, host, asked).catch(() => undefined)
    const { code, pod } = wanted
    return answer?.code === code && (pod === undefined || answer?.pod.startsWith(pod))
  })
}

test('before there is an Ingress there are classes, and no data plane', () => {
  const classes = kubectl('get', 'ingressclasses')
  expect(classes).toMatch(/NAME +CONTROLLER +PARAMETERS +AGE/)
  expect(classes).toMatch(/podium +podium.dev\/ingress +<none>/)
  expect(kubectl('get', 'pods', '-n', 'kube-system', '-o', 'name')).not.toContain('ingress')
})

test('fan-out: one address, and the path says which Service', async () => {
  apply(served('service1', 4200) + served('service2', 8080) + FAN_OUT)
  const ip = await addressOf('simple-fanout-example')
  // Pods of a web server that knows no /foo answer 404 themselves, in their own name.
  await answers(ip, 'foo.bar.com', '/foo', { code: 404, pod: 'service1-' })
  await answers(ip, 'foo.bar.com', '/bar/x', { code: 404, pod: 'service2-' })
  const unknown = await ask(ip, 'foo.bar.com', '/foobar')
  expect(unknown).toMatchObject({ code: 404, pod: '' })
  const row = kubectl('get', 'ingress', 'simple-fanout-example')
  expect(row).toMatch(/NAME +CLASS +HOSTS +ADDRESS +PORTS +AGE/)
  expect(row).toMatch(new RegExp(`simple-fanout-example +podium +foo.bar.com +${ip} +80 `))
})

test('name-based virtual hosting: one address, and the name says which Service', async () => {
  apply(byName('name-virtual-host-ingress'))
  const ip = await addressOf('name-virtual-host-ingress')
  await answers(ip, 'first.bar.com', '/', { code: 200, pod: 'service1-' })
  await answers(ip, 'second.bar.com', '/', { code: 200, pod: 'service2-' })
  expect(await ask(ip, 'third.bar.com', '/')).toMatchObject({ code: 404, pod: '' })
})

test('a Service that is not there is an event and 503; other rules go on', async () => {
  apply(byName('half', '').replaceAll('bar.com', 'half.com').replace('service2', 'nobody'))
  const ip = await addressOf('half')
  await answers(ip, 'first.half.com', '/', { code: 200, pod: 'service1-' })
  await answers(ip, 'second.half.com', '/', { code: 503 })
  expect((await ask(ip, 'second.half.com', '/')).body).toBe('service "default/nobody" not found\n')
  await eventually('the event', () =>
    kubectl('describe', 'ingress', 'half').includes('service "default/nobody" not found'),
  )
})

test('TLS: the certificate of the Secret that the Ingress names', async () => {
  const [cert, key] = [path.join(folder, 'tls.crt'), path.join(folder, 'tls.key')]
  const made = await selfSigned('first.tls.com')
  writeFileSync(cert, made.cert)
  writeFileSync(key, made.key)
  const tls = '\n  tls:\n  - hosts: [first.tls.com]\n    secretName: testsecret-tls'
  apply(byName('tls-example-ingress', tls).replaceAll('bar.com', 'tls.com'))
  await eventually('the event of a missing Secret', () =>
    kubectl('get', 'events').includes('secret "default/testsecret-tls" not found'),
  )
  kubectl('create', 'secret', 'tls', 'testsecret-tls', '--cert', cert, '--key', key)
  const ip = await addressOf('tls-example-ingress')
  const asked = (): Promise<number> =>
    new Promise((resolve) => {
      const name = 'first.tls.com'
      const options = {
        host: ip,
        port: 443,
        servername: name,
        headers: { Host: name },
        ca: made.cert,
      }
      const sent = https.get({ ...options, agent: false }, (response) => {
        const trusted = (response.socket as TLSSocket).authorized
        response.resume()
        resolve(trusted ? (response.statusCode ?? 0) : 0)
      })
      sent.on('error', () => resolve(0))
    })
  await eventually('a trusted answer', async () => (await asked()) === 200)
  expect(kubectl('get', 'ingress', 'tls-example-ingress')).toContain('80, 443')
})

test.skipIf(!hasHaproxy)('HAProxy serves beside the built-in controller', async () => {
  const extra = '\n  ingressClassName: haproxy'
  apply(byName('by-haproxy', extra).replaceAll('bar.com', 'ha.com').replace('service2', 'nobody'))
  const ip = await addressOf('by-haproxy')
  expect(ip).not.toBe(await addressOf('half'))
  await answers(ip, 'first.ha.com', '/', { code: 200, pod: 'service1-' })
  await answers(ip, 'second.ha.com', '/', { code: 503 })
  // New rules come into force without a connection being refused.
  apply(byName('by-haproxy', extra).replaceAll('bar.com', 'ha.com'))
  let refused = 0
  await eventually('the mended rule', async () => {
    await ask(ip, 'first.ha.com', '/').catch(() => (refused += 1))
    return (await ask(ip, 'second.ha.com', '/')).code === 200
  })
  expect(refused).toBe(0)
})

test.skipIf(!hasHaproxy)('what HAProxy passes on is measured by rule', async () => {
  const ip = await addressOf('by-haproxy')
  const rates = await eventually('a rate of both Services', async () => {
    for (const host of ['first.ha.com', 'second.ha.com']) {
      await Promise.all(Array.from({ length: 5 }, () => ask(ip, host, '/')))
    }
    const report = (await (await podium.fetch('/api/traffic')).json()) as TrafficReport
    const counted = report.ingress.find(({ className }) => className === 'haproxy')?.backends ?? {}
    const both = Object.values(counted).every(({ perSecond }) => (perSecond ?? 0) > 0)
    return both && Object.keys(counted).length === 2 && counted
  })
  // What they are called does not depend on who passes requests on.
  expect(rates).toMatchObject({
    'default/service1:4200': { failedPerSecond: 0 },
    'default/service2:8080': { failedPerSecond: 0 },
  })
})

test.skipIf(!hasHaproxy)('HAProxy goes by the newest rules, however fast they change', async () => {
  const ip = await addressOf('by-haproxy')
  for (let replicas = 2; replicas <= 4; replicas += 1) {
    kubectl('scale', 'deployment', 'service2', `--replicas=${replicas}`)
  }
  const seen = new Set<string>()
  await eventually('each of the four pods to be asked', async () => {
    seen.add((await ask(ip, 'second.ha.com', '/')).pod)
    return seen.size === 4
  })
  kubectl('scale', 'deployment', 'service2', '--replicas=1')
})

test.skipIf(hasHaproxy)('where HAProxy is not installed, its class says so', async () => {
  apply(byName('by-haproxy', '\n  ingressClassName: haproxy').replaceAll('bar.com', 'ha.com'))
  await eventually('the event', () =>
    kubectl('describe', 'ingressclass', 'haproxy').includes('HAProxy is not installed'),
  )
})

test('with the last Ingress of a class its data plane goes', async () => {
  kubectl('delete', 'ingress', '--all')
  await eventually('no data plane', () => {
    const left = kubectl('get', 'deployments,services,pods', '-n', 'kube-system', '-o', 'name')
    return !left.includes('ingress-')
  })
})
