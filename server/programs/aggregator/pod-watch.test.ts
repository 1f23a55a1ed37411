// Against a server that speaks the list and watch of the Kubernetes API over TLS.
import 'reflect-metadata'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { KeyObject, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addressesOf } from './bots.ts'
import { PodWatch, type ApiAccess } from './pod-watch.ts'

let key = ''
let certificate = ''
const closers: (() => void)[] = []

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  x509.cryptoProvider.set(webcrypto)
  const day = 86_400_000
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    keys,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  certificate = made.toString('pem')
  key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
})

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

function pod(name: string, resourceVersion: number, phase = 'Running'): object {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: `${resourceVersion}`,
    },
    status: { phase, podIP: '127.200.30.1' },
  }
}

interface FakeApi {
  access: ApiAccess
  /** What lists answer. */
  items: object[]
  requests: URL[]
  watch: ServerResponse | null
  tokens: Set<string | undefined>
}

async function startApi(): Promise<FakeApi> {
  const server = https.createServer({ key, cert: certificate }, (request, response) => {
    const url = new URL(request.url ?? '', 'https://api')
    api.requests.push(url)
    api.tokens.add(request.headers.authorization)
    if (url.searchParams.get('watch') === 'true') {
      api.watch = response
      response.writeHead(200).flushHeaders()
      return
    }
    response.end(JSON.stringify({ metadata: { resourceVersion: '10' }, items: api.items }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const api: FakeApi = {
    access: {
      host: '127.0.0.1',
      port: String((server.address() as AddressInfo).port),
      namespace: 'shop',
      token: () => 'secret',
      ca: Buffer.from(certificate),
    },
    items: [],
    requests: [],
    watch: null,
    tokens: new Set(),
  }
  return api
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function follow(api: FakeApi): { names: () => string[] } {
  let names: string[] = []
  const watch = new PodWatch(
    api.access,
    'run=loadbot',
    (pods) => {
      names = [...addressesOf(pods.values(), 8080).values()].map(({ name }) => name).sort()
    },
    () => undefined,
  )
  closers.push(() => watch.close())
  return { names: () => names }
}

const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`

describe('PodWatch', () => {
  it('lists, then follows every change, with the selector and the token', async () => {
    const api = await startApi()
    api.items = [pod('a', 3)]
    const followed = follow(api)
    await until(() => api.watch !== null, 'a watch')
    expect(followed.names()).toEqual(['a'])
    api.watch?.write(event('ADDED', pod('b', 11, 'Pending')).slice(0, 40))
    api.watch?.write(event('ADDED', pod('b', 11, 'Pending')).slice(40))
    api.watch?.write(event('ADDED', pod('c', 12)) + event('MODIFIED', pod('b', 13)))
    await until(() => followed.names().join() === 'a,b,c', 'three pods')
    api.watch?.write(event('DELETED', pod('a', 14)))
    await until(() => followed.names().join() === 'b,c', 'two pods')
    expect(api.tokens).toEqual(new Set(['Bearer secret']))
    const watched = api.requests[1]
    expect(watched?.pathname).toBe('/api/v1/namespaces/shop/pods')
    expect(watched?.searchParams.get('labelSelector')).toBe('run=loadbot')
    expect(watched?.searchParams.get('resourceVersion')).toBe('10')
  })

  it('goes on from where a watch ended, and lists again when that is too old', async () => {
    const api = await startApi()
    const followed = follow(api)
    await until(() => api.watch !== null, 'a watch')
    const first = api.watch
    api.watch = null
    first?.end(event('ADDED', pod('a', 20)))
    await until(() => api.watch !== null, 'another watch')
    expect(api.requests).toHaveLength(3)
    expect(api.requests.at(-1)?.searchParams.get('resourceVersion')).toBe('20')
    expect(followed.names()).toEqual(['a'])

    api.items = [pod('z', 30)]
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
    ;(api.watch as ServerResponse | null)?.write(event('ERROR', gone))
    await until(() => followed.names().join() === 'z', 'the new list')
  })

  it('comes back when the server breaks off', async () => {
    const api = await startApi()
    const followed = follow(api)
    await until(() => api.watch !== null, 'a watch')
    api.items = [pod('a', 3)]
    api.watch?.destroy()
    await until(() => followed.names().length > 0, 'the list again')
    expect(followed.names()).toEqual(['a'])
  })
})
