import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadOrCreateAuthority } from './authority.ts'
import { kubeconfigFor } from './kubeconfig.ts'
import { createTokens, type TokenSubject } from './tokens.ts'

const START = Date.parse('2026-01-01T00:00:00Z')
const DAY = 24 * 3600 * 1000
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'podium-authority-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const open = (at: number) =>
  loadOrCreateAuthority(folder, { now: () => at, addresses: ['127.0.0.1', '127.96.0.1'] })

test('the authority is made once, kept for its owner alone, and found again', async () => {
  const made = await open(START)
  expect(await open(START + DAY)).toEqual({ ...made, sign: expect.any(Function) })
  const file = path.join(folder, 'authority.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(file, 'utf8')).toContain('caKeyPem')
})

test('the server’s certificate is of the authority, holds for its names, and is renewed in time', async () => {
  const made = await open(START)
  const ca = new X509Certificate(made.caPem)
  const server = new X509Certificate(made.server.certPem)
  expect(ca.ca).toBe(true)
  expect(server.verify(ca.publicKey)).toBe(true)
  expect(server.checkIssued(ca)).toBe(true)
  expect(server.checkIP('127.96.0.1')).toBe('127.96.0.1')
  expect(server.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc')
  const moved = await loadOrCreateAuthority(folder, { now: () => START, addresses: ['127.97.0.1'] })
  expect(new X509Certificate(moved.server.certPem).checkIP('127.97.0.1')).toBe('127.97.0.1')
  const renewed = await open(START + 350 * DAY)
  expect(renewed.caPem).toBe(made.caPem)
  expect(renewed.server.certPem).not.toBe(made.server.certPem)
  expect(new X509Certificate(renewed.server.certPem).verify(ca.publicKey)).toBe(true)
})

test('a damaged file is said, not replaced', async () => {
  await writeFile(path.join(folder, 'authority.json'), '{')
  await expect(open(START)).rejects.toThrow('cannot be read')
})

test('tokens say who a pod is until they expire, and nobody else’s are taken', async () => {
  const { serviceAccountKeyPem: keyPem } = await open(START)
  let now = START
  const tokens = createTokens({ keyPem, now: () => now })
  const subject: TokenSubject = {
    namespace: 'default',
    serviceAccount: { name: 's', uid: 'u1' },
    boundTo: { kind: 'Pod', name: 'p', uid: 'u2' },
  }
  const audiences = ['https://kubernetes.default.svc.cluster.local']
  const { token, expiresAt } = await tokens.issue(subject, { seconds: 600, audiences })
  expect(expiresAt).toBe(START + 600_000)
  expect(await tokens.verify(token)).toEqual(subject)
  const [head, body, signature] = token.split('.')
  const forged = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as object
  const other = Buffer.from(JSON.stringify({ ...forged, sub: 'admin' })).toString('base64url')
  expect(await tokens.verify(`${head}.${other}.${signature}`)).toBeUndefined()
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  expect(await tokens.verify(`${none}.${body}.`)).toBeUndefined()
  const elsewhere = await tokens.issue(subject, { seconds: 600, audiences: ['vault'] })
  expect(await tokens.verify(elsewhere.token)).toBeUndefined()
  now = START + 601_000
  expect(await tokens.verify(token)).toBeUndefined()
})

test('a kubeconfig that kubectl reads', () => {
  const text = kubeconfigFor({ server: 'https://127.0.0.1:1', caPem: 'CA', token: 't' })
  expect(parse(text)).toMatchObject({
    'current-context': 'podium',
    clusters: [
      { cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'Q0E=' } },
    ],
    users: [{ user: { token: 't' } }],
  })
})
