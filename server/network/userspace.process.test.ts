import { createServer, connect } from 'node:net'
import type { Socket } from 'node:net'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../machinery/clock.ts'
import { createLog } from '../machinery/log.ts'
import type { Proxier } from './proxier.ts'
import type { Route, Target } from './table.ts'
import { startUserspaceProxy } from './userspace.ts'
import type { EchoServer } from './testing/echo.ts'
import { ask, freePort, listen, startEcho, until } from './testing/echo.ts'
import { noProcessOf, processesOf, programsDir } from './testing/processes.ts'

const VIP = '127.200.1.1'

describe('userspace proxy', () => {
  let proxy: Proxier
  let servers: EchoServer[]
  let port: number
  let lines: string[]
  const clusterId = `test-${process.pid}-userspace`

  const route = (targets: readonly Target[], more: Partial<Route> = {}): Route => ({
    key: 'x/web:80',
    service: 'x/web',
    protocol: 'TCP',
    addresses: [VIP],
    port,
    targets,
    ...more,
  })
  const set = (...routes: Route[]) => proxy.program({ set: routes, remove: [] }, ['127.0.0.1'])
  const names = async (count: number): Promise<string[]> => {
    const answers: string[] = []
    for (let n = 0; n < count; n++) answers.push((await ask(VIP, port)).trim())
    return answers
  }

  beforeEach(async () => {
    lines = []
    proxy = startUserspaceProxy({
      programsDir,
      clusterId,
      clock: systemClock,
      log: createLog('debug', (line) => lines.push(line)),
      onFailures: () => {},
    })
    servers = [await startEcho('a'), await startEcho('b'), await startEcho('c')]
    port = await freePort(VIP)
  })
  afterEach(async () => {
    await proxy.close()
    for (const server of servers) await server.close()
    noProcessOf(clusterId)
  })

  it('sends connections to the targets in turn, as soon as it says so', async () => {
    expect(await set(route(servers))).toEqual([])
    expect((await names(6)).sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
  })

  it('carries PODIUM_CLUSTER', async () => {
    await set()
    expect(processesOf(clusterId)).toHaveLength(1)
  })

  it('passes bytes both ways and keeps half-closed connections', async () => {
    await set(route([servers[0]!]))
    const text = 'x'.repeat(3_000_000)
    expect(await ask(VIP, port, text)).toBe(`a\n${text}`)
  })

  it('refuses when there are no targets, and again takes connections when there are', async () => {
    await set(route([]))
    expect(await ask(VIP, port)).toBe('ECONNREFUSED')
    await set(route([servers[0]!]))
    expect(await ask(VIP, port)).toBe('a\n')
    await set(route([]))
    expect(await ask(VIP, port)).toBe('ECONNREFUSED')
    await proxy.program({ set: [route([servers[0]!])], remove: [] }, [])
    await proxy.program({ set: [], remove: ['x/web:80'] }, [])
    expect(await ask(VIP, port)).toBe('ECONNREFUSED')
  })

  it('tries the next target when one refuses', async () => {
    const dead = { ip: '127.0.0.1', port: await freePort('127.0.0.1') }
    await set(route([dead, servers[0]!, { ...dead }]))
    expect(await names(6)).toEqual(['a', 'a', 'a', 'a', 'a', 'a'])
    await until(() => (proxy.counts()?.retried ?? 0) >= 3)
    await set(route([dead]))
    expect(await ask(VIP, port)).toBe('ECONNRESET')
    await until(() => proxy.counts()?.refused === 1)
  })

  it('keeps connections to a target that left until they end', async () => {
    await set(route([servers[0]!]))
    const socket = connect(port, VIP)
    const heard: string[] = []
    socket.on('data', (chunk) => heard.push(chunk.toString()))
    await until(() => heard.join('') === 'a\n')
    await set(route([servers[1]!]))
    expect(await ask(VIP, port)).toBe('b\n')
    socket.write('still there')
    await until(() => heard.join('') === 'a\nstill there')
    socket.destroy()
  })

  it('a reset on one side is a reset on the other', async () => {
    const accepted: Socket[] = []
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      accepted.push(socket)
    })
    await listen(server, '127.0.0.1', 0)
    const { port: serverPort } = server.address() as { port: number }
    await set(route([{ ip: '127.0.0.1', port: serverPort }]))
    const answer = ask(VIP, port, '')
    await until(() => accepted.length === 1)
    accepted[0]!.resetAndDestroy()
    expect(await answer).toBe('ECONNRESET')
    server.close()
  })

  it('keeps a client on its target when the service asks for it', async () => {
    await set(route(servers, { affinitySeconds: 60 }))
    const first = await names(6)
    expect(new Set(first).size).toBe(1)
    await set(
      route(
        servers.filter((_, index) => 'abc'[index] !== first[0]),
        { affinitySeconds: 60 },
      ),
    )
    const second = await names(4)
    expect(new Set(second).size).toBe(1)
    expect(second[0]).not.toBe(first[0])
  })

  it('answers node ports on the nodes it is told', async () => {
    const nodePort = await freePort('127.200.2.1')
    const changes = { set: [route([servers[0]!], { nodePort })], remove: [] }
    await proxy.program(changes, ['127.200.2.1', '127.200.2.2'])
    expect(await ask('127.200.2.2', nodePort)).toBe('a\n')
    await proxy.program(changes, ['127.200.2.1'])
    expect(await ask('127.200.2.1', nodePort)).toBe('a\n')
    expect(await ask('127.200.2.2', nodePort)).toBe('ECONNREFUSED')
  })

  it('reports an address it cannot have; other routes go on', async () => {
    const taken = await startEcho('taken', VIP)
    const other = route([servers[0]!], { key: 'x/other:80', port: taken.port })
    expect(await set(other, route([servers[1]!]))).toEqual([
      { key: 'x/other:80', address: VIP, port: taken.port, code: 'EADDRINUSE' },
    ])
    expect(await ask(VIP, port)).toBe('b\n')
    await taken.close()
    expect(await set(other)).toEqual([])
    expect(await ask(VIP, taken.port)).toBe('a\n')
  })

  it('is started again with everything when it dies', async () => {
    await set(route([servers[0]!]))
    const [pid] = processesOf(clusterId)
    process.kill(pid!, 'SIGKILL')
    await until(async () => processesOf(clusterId)[0] !== pid && (await ask(VIP, port)) === 'a\n')
    expect(lines.some((line) => line.includes('starting it again'))).toBe(true)
    await set(route([servers[1]!]))
    expect(await ask(VIP, port)).toBe('b\n')
  })

  it('leaving, it still answers what it has and ends connections in good order', async () => {
    await set(route([servers[0]!]))
    const socket = connect({ host: VIP, port, allowHalfOpen: true })
    const heard: string[] = []
    let ended: string | undefined
    socket.on('data', (chunk) => heard.push(chunk.toString()))
    socket.on('error', (error) => (ended = error.message))
    socket.on('end', () => {
      ended ??= 'in good order'
      socket.end()
    })
    await until(() => heard.length > 0)
    await proxy.leave()
    socket.write('last words')
    await until(() => ended !== undefined)
    await until(() => processesOf(clusterId).length === 0)
    expect(ended).toBe('in good order')
    expect(heard.join('')).toBe('a\nlast words')
  })

  it('asked again while it leaves, it stays, with nothing but what it is asked for', async () => {
    const old = route([servers[0]!], { key: 'x/old:80', port: await freePort(VIP) })
    await set(route([servers[0]!]), old)
    const [pid] = processesOf(clusterId)
    await proxy.leave()
    expect(await ask(VIP, port)).toBe('a\n')
    expect(await set(route([servers[1]!]))).toEqual([])
    expect(await ask(VIP, port)).toBe('b\n')
    expect(await ask(VIP, old.port)).toBe('ECONNREFUSED')
    expect(processesOf(clusterId)).toEqual([pid])
  })

  it('says that it does not take UDP', async () => {
    const udp = route([servers[0]!], { key: 'x/web:dns/UDP', protocol: 'UDP' })
    expect(await set(udp)).toEqual([
      { key: 'x/web:dns/UDP', address: VIP, port, code: 'EPROTONOSUPPORT' },
    ])
  })

  it('ends when its parent is killed', async () => {
    const orphan = `${clusterId}-orphan`
    const program = path.join(programsDir, 'userspace-proxy.js')
    const script = `require('node:child_process').spawn(process.execPath, [process.argv[1]],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: { PODIUM_CLUSTER: process.argv[2] } })`
    const parent = spawn(process.execPath, ['-e', script, program, orphan])
    await until(() => processesOf(orphan).length === 1)
    parent.kill('SIGKILL')
    await until(() => processesOf(orphan).length === 0)
    expect(processesOf(orphan)).toEqual([])
  })
})
