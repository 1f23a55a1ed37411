// The server as resolvers meet it: over UDP and TCP, with hostile messages too.
import dgram from 'node:dgram'
import { promises } from 'node:dns'
import net from 'node:net'
import { decode, encode } from 'dns-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endpointSlices, namespaces, services } from '../../../shared/kubernetes/kinds.ts'
import { systemClock } from '../../machinery/clock.ts'
import { createInformers } from '../../machinery/informer.ts'
import { createLog } from '../../machinery/log.ts'
import { createFakeClient } from '../../machinery/testing/fake-client.ts'
import type { Dns } from './dns.ts'
import { startDns } from './dns.ts'
import { serversIn } from './forward.ts'

const ADDRESS = `127.200.${process.pid & 255}.10`
const client = createFakeClient()
const log = createLog('error', (line) => process.stderr.write(`${line}\n`))
const informers = createInformers(client, systemClock, log)
const resolver = new promises.Resolver({ timeout: 3000, tries: 1 })
let dns: Dns

const pods = Array.from({ length: 60 }, (_, i) => `127.64.1.${i + 1}`)

beforeAll(async () => {
  await client.create(namespaces, { metadata: { name: 'default' } })
  await client.create(services, {
    metadata: { name: 'nginx', namespace: 'default' },
    spec: { clusterIP: '127.96.7.7', ports: [{ name: 'http', port: 80 }] },
  })
  await client.create(services, {
    metadata: { name: 'many', namespace: 'default' },
    spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] },
  })
  await client.create(endpointSlices, {
    metadata: {
      name: 'many-1',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'many' },
    },
    addressType: 'IPv4',
    endpoints: pods.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  })
  dns = await startDns({ client, informers, clock: systemClock, log }, { address: ADDRESS })
  resolver.setServers([`${ADDRESS}:${dns.port}`])
})
afterAll(async () => {
  await dns.close()
  informers.close()
})

test('answers names of the cluster, and says what there is not', async () => {
  const name = 'nginx.default.svc.cluster.local'
  expect(await resolver.resolve4(name)).toEqual(['127.96.7.7'])
  expect(await resolver.resolveSrv(`_http._tcp.${name}`)).toMatchObject([{ name, port: 80 }])
  expect(await resolver.reverse('127.96.7.7')).toEqual([name])
  await expect(resolver.resolve4(`x.${name}`)).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(resolver.resolve6(name)).rejects.toMatchObject({ code: 'ENODATA' })
})

test('says with a Service where it is, which the service proxy leaves alone', async () => {
  const key = { namespace: 'kube-system', name: 'kube-dns' }
  const service = await client.get(services, key)
  expect(service.spec).toMatchObject({ clusterIP: ADDRESS, ports: [{ port: dns.port }, {}] })
  expect(await client.get(endpointSlices, key)).toMatchObject({
    endpoints: [{ addresses: [ADDRESS] }],
  })
})

test('what is too long for a datagram comes over TCP, whole', async () => {
  // The resolver notices the cut and asks again over TCP by itself.
  const found = await resolver.resolve4('many.default.svc.cluster.local')
  expect(found.toSorted()).toEqual(pods.toSorted())
})

test('a change is answered as soon as it is known', async () => {
  await client.create(services, {
    metadata: { name: 'late', namespace: 'default' },
    spec: { clusterIP: '127.96.7.8', ports: [{ port: 80 }] },
  })
  const look = () => resolver.resolve4('late.default.svc.cluster.local').catch(() => undefined)
  const end = Date.now() + 5000
  let seen = await look()
  while (!seen && Date.now() < end) seen = await look()
  expect(seen).toEqual(['127.96.7.8'])
})

test('hostile messages do no harm', async () => {
  const socket = dgram.createSocket('udp4')
  await new Promise<void>((resolve) => socket.connect(dns.port, ADDRESS, resolve))
  const answerTo = (message: Buffer): Promise<Buffer> => {
    const answer = new Promise<Buffer>((resolve) => socket.once('message', resolve))
    socket.send(message)
    return answer
  }
  for (const bytes of [Buffer.alloc(0), Buffer.from('short'), Buffer.alloc(12, 0xff)]) {
    socket.send(bytes)
  }
  const garbage = Buffer.from('0007010000010000000000003f', 'hex')
  expect((await answerTo(garbage)).readUInt16BE(0)).toBe(7)
  const twice = encode({
    type: 'query',
    id: 9,
    questions: [
      { type: 'A', name: 'a' },
      { type: 'A', name: 'b' },
    ],
  })
  expect(decode(await answerTo(twice))).toMatchObject({ id: 9, rcode: 'FORMERR' })
  const update = encode({ type: 'query', id: 10, questions: [] })
  update[2] = 0x28
  expect(decode(await answerTo(update))).toMatchObject({ id: 10, rcode: 'NOTIMP' })
  socket.close()
  const tcp = net.connect(dns.port, ADDRESS)
  tcp.end(Buffer.from('ffff00', 'hex'))
  await new Promise((resolve) => tcp.once('close', resolve))
  expect(await resolver.resolve4('nginx.default.svc.cluster.local')).toHaveLength(1)
})

test('the machine is asked for other names, but never ourselves', () => {
  const text = `# by hand\nnameserver ${ADDRESS}\nnameserver 10.0.0.1\nnameserver nonsense\nnameserver ::1\n`
  expect(serversIn(text, ADDRESS)).toEqual(['10.0.0.1', '::1'])
})
