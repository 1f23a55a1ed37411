import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap, Lease, Node } from '../../shared/kubernetes/cluster.ts'
import {
  PROGRAMMED_REVISION_ANNOTATION,
  PROXY_MODE_ANNOTATION,
  SERVICE_PROXY,
} from '../../shared/kubernetes/cluster.ts'
import {
  configMaps,
  endpointSlices,
  events,
  leases,
  nodes,
  services,
} from '../../shared/kubernetes/kinds.ts'
import type { EndpointSlice, Service, ServiceSpec } from '../../shared/kubernetes/network.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import { unavailable } from '../../shared/status.ts'
import { systemClock } from '../machinery/clock.ts'
import { createInformers } from '../machinery/informer.ts'
import { createLog } from '../machinery/log.ts'
import type { FakeClient } from '../machinery/testing/fake-client.ts'
import { createFakeClient } from '../machinery/testing/fake-client.ts'
import { chainsOf } from './iptables-rules.ts'
import type { Network, NetworkOptions } from './network.ts'
import { startNetwork } from './network.ts'
import type { EchoServer } from './testing/echo.ts'
import { ask, freePort, pause, startEcho, until } from './testing/echo.ts'
import { nothingLeft, whyNotIptables } from './testing/iptables-allowed.ts'
import { noProcessOf, programsDir, proxiesOf } from './testing/processes.ts'

const VIP = '127.200.4.1'
const clusterId = `test-${process.pid}-network`
const obstacle = whyNotIptables()

describe('network', () => {
  let client: FakeClient
  let network: Network | undefined
  let servers: EchoServer[]
  let port: number
  let stopInformers: () => void

  async function start(mode: NetworkOptions['mode'] = 'userspace'): Promise<Network> {
    const log = createLog('error', () => {})
    const informers = createInformers(client, systemClock, log)
    stopInformers = () => informers.close()
    const deps = { client, informers, clock: systemClock, log }
    network = await startNetwork(deps, {
      mode,
      programsDir,
      clusterId,
      nodeCidrs: ['127.201.0.0/16'],
      serviceCidr: '127.200.4.0/24',
    })
    return network
  }

  const service = (spec: Partial<ServiceSpec> = {}, name = 'web'): Service => ({
    metadata: { namespace: 'x', name },
    spec: { clusterIP: VIP, ports: [{ port }], ...spec },
  })

  /** One slice for each server, as each has a port of its own here. Answers the newest one's resourceVersion. */
  async function putSlices(ready: readonly EchoServer[], name = 'web'): Promise<number> {
    let revision = 0
    for (const [index, server] of servers.entries()) {
      const slice: EndpointSlice = {
        metadata: {
          namespace: 'x',
          name: `${name}-${index}`,
          labels: { [SERVICE_NAME_LABEL]: name },
        },
        addressType: 'IPv4',
        ports: [{ name: '', port: server.port, protocol: 'TCP' }],
        endpoints: [{ addresses: [server.ip], conditions: { ready: ready.includes(server) } }],
      }
      const { namespace } = slice.metadata
      const written = await client
        .patch(endpointSlices, { namespace, name: slice.metadata.name! }, slice, { type: 'merge' })
        .catch(() => client.create(endpointSlices, slice))
      revision = Math.max(revision, Number(written.metadata.resourceVersion))
    }
    return revision
  }

  const lease = (): Promise<Lease | undefined> =>
    client.get(leases, SERVICE_PROXY).catch(() => undefined)
  const annotation = async (name: string) => (await lease())?.metadata.annotations?.[name]
  const programmed = async () => Number(await annotation(PROGRAMMED_REVISION_ANNOTATION))
  const askFor = (mode: string) =>
    client.patch(configMaps, SERVICE_PROXY, { data: { mode } }, { type: 'merge' })
  const warnings = async () => (await client.list(events)).items.map((event) => event.message)

  beforeEach(async () => {
    client = createFakeClient()
    // As pods do, each has an address of its own, and a port no client has.
    servers = [
      await startEcho('a', '127.200.4.11', 8080),
      await startEcho('b', '127.200.4.12', 8080),
    ]
    port = 80
    network = undefined
  })
  afterEach(async () => {
    await network?.close()
    stopInformers()
    for (const server of servers) await server.close()
    nothingLeft(chainsOf(clusterId).prefix)
    noProcessOf(clusterId)
  })

  it('has what is known in force once started, and says so on the Lease', async () => {
    await client.create(services, service())
    const revision = await putSlices(servers.slice(0, 1))
    await start()
    expect(await ask(VIP, port)).toBe('a\n')
    await until(async () => (await programmed()) >= revision)
    expect(await annotation(PROXY_MODE_ANNOTATION)).toBe('userspace')
    expect((await client.get(configMaps, SERVICE_PROXY)).data).toEqual({ mode: 'userspace' })
  })

  it('never says a revision is in force before new connections follow it', async () => {
    await client.create(services, service())
    await putSlices(servers)
    await start()
    for (let round = 0; round < 20; round++) {
      const only = servers[round % 2]!
      const revision = await putSlices([only])
      await until(async () => (await programmed()) >= revision)
      expect(await ask(VIP, port)).toBe(`${'ab'[round % 2]}\n`)
    }
  })

  it('says a revision is in force also when nothing had to be done for it', async () => {
    await start()
    const revision = await putSlices(servers, 'of-no-service')
    await until(async () => (await programmed()) >= revision)
    expect(await ask(VIP, port)).toBe('ECONNREFUSED')
  })

  it('writes the Lease when the API answers again', async () => {
    await start()
    client.failNext('patch', unavailable('down'))
    const revision = await putSlices(servers, 'other')
    await until(async () => (await programmed()) >= revision)
    expect(await programmed()).toBeGreaterThanOrEqual(revision)
  })

  it('a deleted service and a removed port are no longer answered', async () => {
    await client.create(services, service())
    await putSlices(servers)
    const running = await start()
    const key = { namespace: 'x', name: 'web' }
    const other = await freePort(VIP)
    await client.patch(services, key, { spec: { ports: [{ port: other }] } }, { type: 'merge' })
    await running.settled()
    expect(await ask(VIP, port)).toBe('ECONNREFUSED')
    expect(await ask(VIP, other)).toMatch(/[ab]\n/)
    await client.delete(services, key)
    await running.settled()
    expect(await ask(VIP, other)).toBe('ECONNREFUSED')
  })

  it('answers node ports on nodes that join later', async () => {
    const nodePort = await freePort('127.200.4.2')
    await client.create(services, service({ type: 'NodePort', ports: [{ port, nodePort }] }))
    await putSlices(servers)
    const running = await start()
    expect(await ask('127.200.4.2', nodePort)).toBe('ECONNREFUSED')
    const node: Node = {
      metadata: { name: 'n1' },
      status: { addresses: [{ type: 'InternalIP', address: '127.200.4.2' }] },
    }
    await client.create(nodes, node)
    await running.settled()
    expect(await ask('127.200.4.2', nodePort)).toMatch(/[ab]\n/)
  })

  it('says on the service what it cannot do; other services go on', async () => {
    const taken = await startEcho('taken', VIP)
    await client.create(services, service({ ports: [{ port: taken.port }] }, 'unlucky'))
    await client.create(services, service({ internalTrafficPolicy: 'Local' }))
    await putSlices(servers)
    await putSlices(servers, 'unlucky')
    await start()
    expect(await ask(VIP, port)).toMatch(/[ab]\n/)
    await until(async () => (await warnings()).length === 2)
    expect(await warnings()).toEqual(
      expect.arrayContaining([
        `${VIP}:${taken.port} cannot be listened on: another program has it`,
        'internalTrafficPolicy Local is not implemented by Podium; traffic goes to all endpoints',
      ]),
    )
    await taken.close()
  })

  it('says that UDP is not proxied in userspace mode', async () => {
    await client.create(services, service({ ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] }))
    await start()
    await until(async () => (await warnings()).length === 1)
    expect((await warnings())[0]).toContain('only TCP is proxied in userspace mode')
  })

  it('refuses a mode it does not know, with an event', async () => {
    const running = await start()
    await askFor('ipvs')
    await until(async () => (await warnings()).length === 1)
    expect(running.mode).toBe('userspace')
    expect((await warnings())[0]).toContain('"ipvs"')
  })

  it('an explicit mode is written to the ConfigMap; auto leaves what stands there', async () => {
    const config: ConfigMap = { metadata: { ...SERVICE_PROXY }, data: { mode: 'userspace' } }
    await client.create(configMaps, config)
    const running = await start('auto')
    expect(running.mode).toBe('userspace')
    expect(running.why).toMatch(/as asked for\.$/)
    expect((await client.get(configMaps, SERVICE_PROXY)).data).toEqual({ mode: 'userspace' })
  })

  describe.skipIf(obstacle)(`with iptables${obstacle ? ` (skipped: ${obstacle})` : ''}`, () => {
    it('chooses iptables when it works, and says why', async () => {
      await client.create(services, service())
      await putSlices(servers)
      const running = await start('auto')
      expect(running.mode).toBe('iptables')
      expect(running.why).toContain('because iptables works on this machine')
      expect(await ask(VIP, port)).toMatch(/[ab]\n/)
      expect(proxiesOf(clusterId)).toEqual([])
    })

    it('switches modes back and forth without a failed connection', async () => {
      await client.create(services, service())
      await putSlices(servers)
      const running = await start('userspace')
      const answers = new Map<string, number>()
      const enough = new AbortController()
      const askOn = async (): Promise<void> => {
        while (!enough.signal.aborted) {
          const answer = await ask(VIP, port, 'x')
          answers.set(answer, (answers.get(answer) ?? 0) + 1)
        }
      }
      const clients = Array.from({ length: 4 }, askOn)
      for (const mode of ['iptables', 'userspace', 'iptables'] as const) {
        await askFor(mode)
        await until(() => running.mode === mode)
        await until(async () => (await annotation(PROXY_MODE_ANNOTATION)) === mode)
        await pause(2500)
      }
      enough.abort()
      await Promise.all(clients)
      expect([...answers.keys()].sort()).toEqual(['a\nx', 'b\nx'])
      await until(() => proxiesOf(clusterId).length === 0)
    })
  })
})
