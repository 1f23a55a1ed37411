import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  deployments,
  endpointSlices,
  nodes,
  pods,
  replicaSets,
  replicationControllers,
  services,
} from '../../shared/kubernetes/kinds.ts'
import { noFailures } from './loadFold.ts'
import { deployment, loadbots, node, pod, replicaSet, service, slice } from './testing/objects.ts'
import { eventually, startTestStage, TOKEN } from './testing/testStage.ts'
import type { TestStage } from './testing/testStage.ts'

let show: TestStage

beforeAll(async () => {
  show = await startTestStage([
    [nodes, node('node-1')],
    [services, service()],
    [endpointSlices, slice([['127.200.0.1', true]])],
    [deployments, deployment('v1', 2)],
    [replicaSets, replicaSet('v1', 1)],
    [replicaSets, replicaSet('v2', 2)],
    [replicationControllers, loadbots(2)],
    [pods, pod({ name: 'nginx-a', owner: 'nginx-v1' })],
    [pods, pod({ name: 'nginx-b', owner: 'nginx-v1' })],
  ])
})
afterAll(() => show?.close())

interface Answer {
  code: number
  headers: http.IncomingHttpHeaders
  body: string
}

/** A request with just these headers (fetch would add or refuse some). */
function request(
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const sent = http.request(`${show.stage.url}${path}`, { method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () =>
        resolve({ code: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
const bearer = { Authorization: `Bearer ${TOKEN}` }

test.each([
  ['no token', {}, 401],
  ['a wrong one', { Authorization: 'Bearer wrong' }, 401],
  ['a wrong one of the same length', { Authorization: 'Bearer test-tokem' }, 401],
  ['a broken cookie', { Cookie: 'podium-stage-1=%E0%A4%A' }, 401],
  ['the token', bearer, 200],
  ['the token under another name of this machine', { ...bearer, Host: 'localhost:1' }, 200],
  ['IPv6', { ...bearer, Host: '[::1]:8080' }, 200],
  ['a foreign name', { ...bearer, Host: 'evil.example' }, 403],
  ['a name that begins like ours', { ...bearer, Host: '127.0.0.1.evil.example' }, 403],
  ['another address', { ...bearer, Host: '10.0.0.1' }, 403],
  ['a foreign page', { ...bearer, Origin: 'http://evil.example' }, 403],
  ['a page of another port', { ...bearer, Host: 'localhost:1', Origin: 'http://localhost:2' }, 403],
  ['a page without origin', { ...bearer, Origin: 'null' }, 403],
  ['our own page', { ...bearer, Host: 'localhost:1', Origin: 'http://localhost:1' }, 200],
])('%s', async (_, headers: Record<string, string>, code) => {
  const answer = await request('/api/summary', headers)
  expect(answer.code).toBe(code)
  const body = code === 200 ? { failed: 0 } : { kind: 'Status', status: 'Failure', code }
  expect(JSON.parse(answer.body)).toMatchObject(body)
})

test('the token in the address becomes a strict cookie, once', async () => {
  const entry = await request(`/?token=${TOKEN}`)
  expect(entry.code).toBe(303)
  expect(entry.headers.location).toBe('/')
  const [cookie = ''] = entry.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
  const session = { Cookie: `other=1; ${cookie.split(';')[0]}` }
  expect((await request('/', session)).code).toBe(200)
  expect((await request('/api/summary', session)).code).toBe(200)
  expect((await request('/?token=wrong', { Accept: 'text/html' })).code).toBe(401)
})

test('a browser without the token finds a page that helps', async () => {
  const answer = await request('/', { Accept: 'text/html,*/*' })
  expect(answer.code).toBe(401)
  expect(answer.body).toContain('access token')
})

test('every answer carries the security headers', async () => {
  for (const path of ['/', '/readyz', '/api/summary', '/nothing.js']) {
    const { headers } = await request(path, bearer)
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['x-powered-by']).toBeUndefined()
  }
})

test('files named by their content are kept for ever, the page is asked for each time', async () => {
  expect((await request('/', bearer)).headers['cache-control']).toBe('no-cache')
  expect((await request('/cluster', { ...bearer, Accept: 'text/html' })).code).toBe(200)
  const asset = await request('/assets/app-1a2b.js', bearer)
  expect(asset.headers['cache-control']).toContain('immutable')
  expect((await request('/assets/missing.js', bearer)).code).toBe(404)
  expect((await request('/../../package.json', bearer)).code).toBeGreaterThanOrEqual(400)
  expect((await request('/api/nothing', bearer)).code).toBe(404)
})

test('/readyz says why not, needs no token, and turns 200 when requests are answered', async () => {
  await eventually('the cluster to be read', async () =>
    (await request('/readyz')).body.includes('aggregator'),
  )
  expect((await request('/readyz')).code).toBe(503)
  let answered = 0
  await eventually('ready', async () => {
    answered += 100
    show.pushFrame({
      at: Date.now(),
      epoch: 'a',
      bots: [
        {
          pod: 'loadbot-a',
          uid: 'uid-loadbot-a',
          sent: answered,
          answered,
          failed: noFailures(),
          retried: 0,
          inFlight: 0,
        },
      ],
      servers: [{ pod: 'nginx-a', version: 'v1', answered }],
      latency: { p50: 0.5, p90: 1, p99: 2, max: 3 },
      unreachable: [],
    })
    return (await request('/readyz')).code === 200
  })
  const summary = JSON.parse((await request('/api/summary', bearer)).body) as Record<
    string,
    unknown
  >
  expect(summary).toMatchObject({ failed: 0, p50Ms: 0.5, p99Ms: 2, pods: { ready: 2 } })
  expect(summary['requestsPerSecond']).toBeGreaterThan(0)
  expect(summary['served']).toBeGreaterThan(0)
})

test.each([
  ['not JSON', '{', 400],
  ['no object', '[]', 400],
  ['no such action', '{"type":"explode"}', 400],
  ['a name of Object itself', '{"type":"constructor"}', 400],
  ['a missing field', '{"type":"scale","target":"servers"}', 400],
  ['a wrong field', '{"type":"scale","target":"servers","replicas":"3"}', 400],
  ['a field too many', '{"type":"pause","now":true}', 400],
  ['a refusal of the gate', '{"type":"resume"}', 409],
  ['beyond the limit', '{"type":"scale","target":"servers","replicas":51}', 409],
  ['an unknown pod', '{"type":"killPod","pod":"nobody"}', 400],
  ['too long', `{"type":"pause","x":"${'x'.repeat(20_000)}"}`, 413],
])('an action is refused with a sentence: %s', async (_, body, code) => {
  await eventually('the cluster to be read', async () =>
    (await show.fetch('/api/summary').then((answer) => answer.text())).includes('"ready":2'),
  )
  const headers = { ...bearer, 'Content-Type': 'application/json' }
  const answer = await request('/api/actions', headers, body)
  expect(answer.code).toBe(code)
  const status = JSON.parse(answer.body) as { kind: string; message: string }
  expect(status.kind).toBe('Status')
  expect(status.message.length).toBeGreaterThan(10)
})

test('an action without its content type is refused', async () => {
  const answer = await request('/api/actions', bearer, '{"type":"pause"}')
  expect(answer.code).toBe(400)
})

test('a stage bound to all addresses is reached by any address, but by no foreign name', async () => {
  const open = await startTestStage([], { host: '0.0.0.0', demo: null })
  try {
    const ask = (host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const target = { port: open.stage.port, path: '/readyz', headers: { Host: host } }
        http.get(target, (answer) => resolve(answer.resume().statusCode ?? 0)).on('error', reject)
      })
    expect(await ask('192.168.1.7:8080')).not.toBe(403)
    expect(await ask('evil.example')).toBe(403)
    await eventually('ready without a demo', async () => (await ask('127.0.0.1')) === 200)
  } finally {
    await open.close()
  }
})

test('a port in use is an error, and closing takes no time', async () => {
  const port = show.stage.port
  await expect(startTestStage([], { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const other = await startTestStage([])
  const began = performance.now()
  await other.close()
  expect(performance.now() - began).toBeLessThan(1_000)
})
