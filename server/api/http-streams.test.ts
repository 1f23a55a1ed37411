import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterRoleBindings, pods, serviceAccounts } from '../../shared/kubernetes/kinds.ts'
import { RBAC_GROUP, type RoleBinding } from '../../shared/kubernetes/rbac.ts'
import { ADMIN, serveHarness, startApi, type Harness, type Served } from './harness.ts'

let harness: Harness
let served: Served
let ask: Served['ask']
let open: Served['open']

beforeAll(async () => {
  harness = await startApi({
    nodeDoor: (node) => ({
      async *logs(request) {
        yield Buffer.from(`${node} ${request.container} ${request.tailLines ?? 'all'}\n`)
        if (!request.follow) return
        await new Promise<void>((resolve) =>
          request.signal?.addEventListener('abort', () => resolve()),
        )
      },
      exec: () => Promise.reject(new Error('not asked for')),
      attach: () => Promise.reject(new Error('not asked for')),
    }),
  })
  served = await serveHarness(harness)
  ask = served.ask
  open = served.open
})
afterAll(async () => {
  await served.close()
  if (served.failures.length > 0) throw new AggregateError(served.failures)
})

describe('below an object', () => {
  const running = async (name: string, podIP: string, containerPort: number) => {
    const pod = {
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort }] }] },
    }
    await harness.api.create(ADMIN, pods, 'default', pod, {})
    const binding = { metadata: { name }, target: { kind: 'Node', name: 'node-1' } }
    await harness.api.create(ADMIN, pods, 'default', binding, {
      subresource: 'binding',
    })
    const key = { namespace: 'default', name }
    const status = { phase: 'Running', podIP }
    await harness.api.patch(ADMIN, pods, key, { status }, { type: 'merge', subresource: 'status' })
  }

  test('logs come from the kubelet of the node, and end when the reader goes', async () => {
    await running('logged', '127.0.0.1', 80)
    const path = '/api/v1/namespaces/default/pods/logged/log'
    expect((await ask(`${path}?tailLines=3`)).text).toBe('node-1 c 3\n')
    expect((await ask(`${path}?container=x`)).json).toMatchObject({
      message: 'container x is not valid for pod logged',
    })
    const followed = await open(`${path}?follow=true`)
    for await (const chunk of followed) {
      expect(String(chunk)).toBe('node-1 c all\n')
      break
    }
  })

  test('proxies to a pod, both ways, in the old and the new form', async () => {
    const upstream = http.createServer((request, response) => {
      expect(request.headers.authorization).toBeUndefined()
      response.setHeader('x-path', request.url ?? '')
      request.pipe(response)
    })
    upstream.on('upgrade', (_request, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: Upgrade\r\n\r\n',
      )
      socket.pipe(socket)
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', () => resolve()))
    const { port } = upstream.address() as AddressInfo
    await running('served', '127.0.0.1', port)
    const proxied = await ask('/api/v1/namespaces/default/pods/served/proxy/a%2Fb?c=d&c=e', {
      method: 'POST',
      body: 'hello',
    })
    expect(proxied).toMatchObject({
      code: 200,
      text: 'hello',
      headers: { 'x-path': '/a%2Fb?c=d&c=e' },
    })
    const named = await ask(`/api/v1/namespaces/default/pods/http:served:${port}/proxy/`)
    expect(named.headers['x-path']).toBe('/')
    const old = await ask(`/api/v1/proxy/namespaces/default/pods/served:${port}/x/y`)
    expect(old.headers['x-path']).toBe('/x/y')
    expect((await ask('/api/v1/namespaces/default/pods/served/proxy')).code).toBe(301)
    expect(await ask('/api/v1/namespaces/default/pods/served:1/proxy/')).toMatchObject({
      code: 503,
    })
    expect(await upgraded('/api/v1/namespaces/default/pods/served/proxy/ws')).toBe('ping')
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
  })

  function upgraded(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = https.request({
        host: '127.0.0.1',
        port: served.port,
        ca: served.authority.caPem,
        path,
        headers: {
          authorization: `Bearer ${served.authority.adminToken}`,
          connection: 'Upgrade',
          upgrade: 'echo',
        },
      })
      request.once('error', reject)
      request.once('upgrade', (_response, socket) => {
        socket.once('data', (data: Buffer) => {
          resolve(data.toString('utf8'))
          socket.destroy()
        })
        socket.write('ping')
      })
      request.end()
    })
  }

  test('a service account’s token opens what its owner may read, until the account is gone', async () => {
    await harness.api.create(ADMIN, serviceAccounts, 'default', { metadata: { name: 'bot' } }, {})
    const asked = await ask('/api/v1/namespaces/default/serviceaccounts/bot/token', {
      method: 'POST',
      body: { spec: {} },
    })
    expect(asked.code).toBe(201)
    const { token } = (asked.json as { status: { token: string } }).status
    expect(await ask('/api/v1/pods', { token })).toMatchObject({ code: 403 })
    const binding: RoleBinding = {
      metadata: { name: 'bot' },
      subjects: [{ kind: 'ServiceAccount', name: 'bot', namespace: 'default' }],
      roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'view' },
    }
    await harness.api.create(ADMIN, clusterRoleBindings, undefined, binding, {})
    expect((await ask('/api/v1/pods', { token })).code).toBe(200)
    expect(await ask('/api/v1/secrets', { token })).toMatchObject({ code: 403 })
    expect((await ask('/api/v1/pods', { token: `${token}x` })).code).toBe(401)
    await harness.api.delete(ADMIN, serviceAccounts, { namespace: 'default', name: 'bot' }, {})
    expect((await ask('/api/v1/pods', { token })).code).toBe(401)
  })
})
