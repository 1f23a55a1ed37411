// Safe by default: loopback only, nothing without a credential, no foreign pages.
import { readFileSync, statSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, run, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
let apiServer: URL

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '1'])
  apiServer = new URL(/server: (\S+)/.exec(readFileSync(podium.kubeconfig, 'utf8'))?.[1] ?? '')
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

/** A request with headers that fetch would not send. */
function request(
  url: URL,
  headers: Record<string, string>,
): Promise<{ code: number; body: string; headers: http.IncomingHttpHeaders }> {
  const client = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const options = { headers, rejectUnauthorized: false }
    const sent = client.get(url, options, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () =>
        resolve({ code: response.statusCode ?? 0, body, headers: response.headers }),
      )
    })
    sent.on('error', reject)
  })
}

/** Whether the feed's WebSocket opens for a visitor with these headers. */
function upgrades(headers: Record<string, string>): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = http.get(stage('/socket.io/?EIO=4&transport=websocket'), {
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.from('sixteen bytes 16').toString('base64'),
        ...headers,
      },
    })
    sent.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve(true)
    })
    sent.on('response', () => resolve(false))
    sent.on('error', () => resolve(false))
  })
}

const stage = (path: string): URL => new URL(path, podium.origin)
const bearer = (): Record<string, string> => ({ Authorization: `Bearer ${podium.token}` })

test('the stage wants its token, once in the URL and then as a strict cookie', async () => {
  expect((await request(stage('/'), {})).code).toBe(401)
  expect((await request(stage('/api/summary'), {})).code).toBe(401)
  expect((await request(stage('/?token=wrong-wrong'), {})).code).toBe(401)
  const entry = await request(new URL(podium.url), {})
  expect(entry.code).toBe(303)
  expect(entry.headers.location).toBe('/')
  const cookie = String(entry.headers['set-cookie'])
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Strict/i)
  const session = cookie.split(';')[0] ?? ''
  expect((await request(stage('/'), { Cookie: session })).code).toBe(200)
  expect((await request(stage('/api/summary'), bearer())).code).toBe(200)
})

test('foreign pages and names are refused', async () => {
  expect((await request(stage('/api/summary'), { ...bearer(), Host: 'evil.example' })).code).toBe(
    403,
  )
  expect(
    (await request(stage('/api/summary'), { ...bearer(), Origin: 'http://evil.example' })).code,
  ).toBe(403)
  const { host } = new URL(podium.origin)
  expect(await upgrades({ ...bearer(), Origin: podium.origin })).toBe(true)
  expect(await upgrades({ ...bearer(), Origin: 'http://evil.example' })).toBe(false)
  expect(await upgrades({ ...bearer(), Host: 'evil.example' })).toBe(false)
  expect(await upgrades({ Host: host, Origin: podium.origin })).toBe(false)
})

test('the API wants a credential, and answers a Status', async () => {
  const { code, body } = await request(new URL('/api/v1/pods', apiServer), {})
  expect(code).toBe(403)
  expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'Forbidden', code: 403 })
  const wrong = { Authorization: 'Bearer wrong' }
  expect((await request(new URL('/api/v1/pods', apiServer), wrong)).code).toBe(401)
  expect((await request(new URL('/api/v1/pods', apiServer), { Host: 'evil.example' })).code).toBe(
    403,
  )
})

test('what is secret is for the owner alone', () => {
  expect(statSync(podium.kubeconfig).mode & 0o077).toBe(0)
})

test('everything listens on loopback only', async () => {
  const { stdout } = await run('ss', ['-Hltn'])
  const ours = [Number(stage('/').port), Number(apiServer.port)]
  const listening = stdout.split('\n').map((line) => line.trim().split(/\s+/)[3] ?? '')
  const opened = listening.filter((local) => ours.includes(Number(local.split(':').at(-1))))
  expect(opened.length).toBeGreaterThanOrEqual(2)
  for (const local of opened) expect(local).toMatch(/^127\./)
})

test('/readyz needs no token and says when the cluster is up', async () => {
  await eventually('ready', async () => (await request(stage('/readyz'), {})).code === 200)
})
