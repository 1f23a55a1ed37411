import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { forbidden, notFound, unauthorized } from '../../../shared/status.ts'
import { NotAuthorized } from '../access/authorize.ts'
import { deniedEvent, type AuditEvent, type Refused } from './event.ts'
import { openAuditFile } from './file.ts'

const jane = { user: 'jane', groups: ['painters'], userAgent: 'kubectl' }
const refusal = forbidden({ plural: 'pods' }, '', 'no')

const eventOf = (method: string, url: string, rest: Partial<Refused> = {}) =>
  deniedEvent({
    request: { method, url, headers: { 'user-agent': 'kubectl' } },
    address: '127.0.0.1',
    caller: jane,
    error: new NotAuthorized(refusal, jane, ''),
    receivedAt: 0,
    now: 1500,
    ...rest,
  })

it.each([
  ['GET', '/api/v1/namespaces/a/pods', 'list', { resource: 'pods', namespace: 'a' }],
  ['GET', '/api/v1/pods?watch=true', 'watch', { resource: 'pods' }],
  ['GET', '/api/v1/watch/pods', 'watch', { resource: 'pods' }],
  ['HEAD', '/api/v1/nodes/n', 'get', { resource: 'nodes', name: 'n' }],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection', { apiGroup: 'apps' }],
  ['POST', '/api/v1/namespaces/a/pods/p/exec', 'create', { name: 'p', subresource: 'exec' }],
  ['PUT', '/api/v1/namespaces/a/pods/p/status', 'update', { subresource: 'status' }],
])('%s %s is %s', (method, url, verb, objectRef) => {
  const user = { username: 'jane' }
  expect(eventOf(method, url)).toMatchObject({ verb, requestURI: url, user, objectRef })
})

it.each(['/metrics', '/api/v1/%zz'])('%s is of no object', (url) => {
  const event = eventOf('GET', url)
  expect(event).toMatchObject({ verb: 'get', requestURI: url })
  expect(event?.objectRef).toBeUndefined()
})

it('tells refusals only, with who really asked', () => {
  expect(
    eventOf('GET', '/api/v1/pods', { error: notFound({ plural: 'pods' }, 'p') }),
  ).toBeUndefined()
  expect(eventOf('GET', '/api/v1/pods', { error: new Error('ours') })).toBeUndefined()
  const nobody = eventOf('GET', '/api/v1/pods', { error: unauthorized(), caller: undefined })
  expect(nobody).toMatchObject({ user: {}, responseStatus: { code: 401 } })
  const acting = { ...jane, impersonator: { user: 'admin', groups: [] } }
  const error = new NotAuthorized(refusal, acting, 'RBAC: gone')
  expect(eventOf('GET', '/api/v1/pods', { error })).toMatchObject({
    user: { username: 'admin' },
    impersonatedUser: { username: 'jane' },
    requestReceivedTimestamp: '1970-01-01T00:00:00.000000Z',
    stageTimestamp: '1970-01-01T00:00:01.500000Z',
    annotations: {
      'authorization.k8s.io/decision': 'forbid',
      'authorization.k8s.io/reason': 'RBAC: gone',
    },
  })
})

let folder = ''
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'podium-audit-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const event = eventOf('GET', '/api/v1/pods') as AuditEvent
const fail = (error: unknown): void => {
  throw error
}
const linesOf = (file: string): AuditEvent[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent)

it('takes no more than twice its size, and goes on where it was', async () => {
  const file = path.join(folder, 'audit.log')
  for (let round = 0; round < 3; round += 1) {
    const audit = openAuditFile(file, { maxBytes: 4000, onError: fail })
    for (let i = 0; i < 20; i += 1) {
      audit.write(event)
      await audit.close()
    }
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(file).size).toBeLessThanOrEqual(4000)
  expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(4000)
  expect(linesOf(file)[0]).toEqual(event)
})

it('counts what came too fast', async () => {
  const file = path.join(folder, 'audit.log')
  const audit = openAuditFile(file, { onError: fail })
  for (let i = 0; i < 3000; i += 1) audit.write(event)
  await audit.close()
  audit.write(event)
  await audit.close()
  const lines = linesOf(file)
  const dropped = Number(lines.at(-1)?.annotations?.['podium.dev/dropped-before'])
  expect(dropped).toBeGreaterThan(0)
  expect(lines.length + dropped).toBe(3001)
})
