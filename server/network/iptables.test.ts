import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../machinery/clock.ts'
import { createLog } from '../machinery/log.ts'
import { chainsOf, leftoverRules, rulesFor, setupRules } from './iptables-rules.ts'
import { removeLeftovers, startIptablesProxy } from './iptables.ts'
import type { Proxier } from './proxier.ts'
import type { Route, Target } from './table.ts'
import type { EchoServer } from './testing/echo.ts'
import { ToolRunner } from './tools.ts'
import { ask, freePort, listen, startEcho, until } from './testing/echo.ts'
import {
  nothingLeft,
  restoreRules,
  savedRules,
  whyNotIptables,
} from './testing/iptables-allowed.ts'

const VIP = '127.200.3.1'
const clusterId = `test-${process.pid}-iptables`
const chains = chainsOf(clusterId)

const route = (targets: readonly Target[], more: Partial<Route> = {}): Route => ({
  key: 'x/web:http',
  service: 'x/web',
  protocol: 'TCP',
  addresses: [VIP],
  port: 80,
  targets,
  ...more,
})
const target = (port: number): Target => ({ ip: '127.64.0.1', port })
const set = (...routes: Route[]) => ({ set: routes, remove: [] })
const none = (): undefined => undefined

describe('iptables rules', () => {
  it('give each target an equal share', () => {
    const rules = rulesFor(chains, set(route([target(1), target(2), target(3)])), none)
    const own = /:(PODIUM-\w+-S\w+) /.exec(rules)?.[1]
    expect(rules.split('\n')).toEqual([
      '*nat',
      `:${own} - [0:0]`,
      `-A ${chains.services} -d 127.200.3.1/32 -p tcp -m tcp --dport 80 --syn -m comment --comment "x/web:http" -j ${own}`,
      `-A ${own} -p tcp -m statistic --mode random --probability 0.3333333333 -j DNAT --to-destination 127.64.0.1:1`,
      `-A ${own} -p tcp -m statistic --mode random --probability 0.5000000000 -j DNAT --to-destination 127.64.0.1:2`,
      `-A ${own} -p tcp -j DNAT --to-destination 127.64.0.1:3`,
      'COMMIT',
      '*filter',
      'COMMIT',
      '',
    ])
  })

  it('touch only the chain of the service whose targets changed', () => {
    const before = route([target(1)])
    const rules = rulesFor(chains, set(route([target(2)])), () => before)
    expect(rules).not.toContain(chains.services)
    expect(rules.match(/^-A/gm)).toHaveLength(1)
  })

  it('chain names are short enough for the kernel', () => {
    const long = route([target(1)], { key: `x/${'y'.repeat(60)}:http`, affinitySeconds: 5 })
    const names = rulesFor(chains, set(long), none).match(/PODIUM-[\w-]+/g) ?? []
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(28)
  })

  it('find leftovers by their owner', () => {
    const owner = { clusterId: 'c1', pid: 7, started: '70' }
    const other = { clusterId: 'c2', pid: 8, started: '80' }
    const saved = setupRules(chainsOf('c1'), owner) + setupRules(chainsOf('c2'), other)
    const rules = leftoverRules(saved, ({ pid }) => pid === 8)
    expect(rules).toContain(`-X ${chainsOf('c1').services}`)
    expect(rules).toContain('-D OUTPUT')
    expect(rules).not.toContain(chainsOf('c2').prefix)
    expect(leftoverRules(saved, () => true)).toBeUndefined()
    expect(leftoverRules('*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n', () => false)).toBeUndefined()
  })
})

const obstacle = whyNotIptables()
describe.skipIf(obstacle)(`iptables proxy${obstacle ? ` (skipped: ${obstacle})` : ''}`, () => {
  const tools = new ToolRunner(clusterId)
  let proxy: Proxier
  let servers: EchoServer[]
  const log = createLog('error', () => {})
  const start = (id: string, nodeCidrs: readonly string[] = []) =>
    startIptablesProxy({
      clusterId: id,
      nodeCidrs,
      serviceCidr: '127.200.3.0/24',
      run: tools.run,
      clock: systemClock,
      log,
    })
  const program = (...routes: Route[]) => proxy.program(set(...routes), [])

  beforeEach(async () => {
    proxy = await start(clusterId, ['127.201.0.0/16'])
    servers = [await startEcho('a'), await startEcho('b'), await startEcho('c')]
  })
  afterEach(async () => {
    await proxy.close()
    for (const server of servers) await server.close()
    await tools.close()
    nothingLeft(chains.prefix, clusterId)
  })

  it('sends connections to the targets; they see where the client comes from', async () => {
    await program(route(servers))
    const answers = new Set<string>()
    await until(async () => {
      answers.add(await ask(VIP, 80))
      return answers.size === 3
    })
    expect(servers.flatMap((server) => server.clients())).toContain('127.0.0.1')
    expect(await ask(VIP, 80, 'hello')).toMatch(/^[abc]\nhello$/)
  })

  it('refuses at once when there are no targets', async () => {
    await program(route([]))
    expect(await ask(VIP, 80)).toBe('ECONNREFUSED')
    await program(route([servers[0]!]))
    expect(await ask(VIP, 80)).toBe('a\n')
    await program(route([]))
    expect(await ask(VIP, 80)).toBe('ECONNREFUSED')
    await proxy.program({ set: [], remove: ['x/web:http'] }, [])
    expect(savedRules(chains.prefix).some((line) => line.includes('x/web'))).toBe(false)
  })

  it('keeps connections to a target that left', async () => {
    await program(route([servers[0]!]))
    const socket = connect(80, VIP)
    const heard: string[] = []
    socket.on('data', (chunk) => heard.push(chunk.toString()))
    await until(() => heard.join('') === 'a\n')
    await program(route([servers[1]!]))
    expect(await ask(VIP, 80)).toBe('b\n')
    socket.write('still there')
    await until(() => heard.join('') === 'a\nstill there')
    socket.destroy()
  })

  it('keeps a client on its target when the service asks for it', async () => {
    const sticky = { affinitySeconds: 60 }
    await program(route(servers, sticky))
    const answers = new Set<string>()
    for (let n = 0; n < 8; n++) answers.add(await ask(VIP, 80))
    expect(answers.size).toBe(1)
    const left = servers.filter((_, index) => !answers.has(`${'abc'[index]}\n`))
    await program(route(left, sticky))
    const later = new Set<string>()
    for (let n = 0; n < 8; n++) later.add(await ask(VIP, 80))
    expect(later.size).toBe(1)
    expect(answers).not.toEqual(later)
  })

  it('answers node ports on 127.0.0.1 and on node addresses only', async () => {
    const nodePort = await freePort('127.0.0.1')
    await program(route([servers[0]!], { nodePort }))
    expect(await ask('127.0.0.1', nodePort)).toBe('a\n')
    expect(await ask('127.201.0.7', nodePort)).toBe('a\n')
    expect(await ask('127.200.3.9', nodePort)).toBe('ECONNREFUSED')
  })

  it('repairs itself after a failure', async () => {
    await program(route([servers[0]!]))
    restoreRules(`*nat\n-F ${chains.services}\nCOMMIT\n`)
    const moved = route([servers[1]!], { port: 81 })
    await expect(program(moved)).rejects.toThrow('iptables-restore failed')
    await program(moved)
    expect(await ask(VIP, 81)).toBe('b\n')
  })

  it('two clusters do not disturb each other, and nothing else is touched', async () => {
    const mine = 'PODIUM-ELSE'
    restoreRules(`*nat\n:${mine} - [0:0]\n-A ${mine} -j RETURN\nCOMMIT\n`)
    const other = await start(`${clusterId}-2`)
    await other.program(set(route([servers[1]!], { addresses: ['127.200.3.2'] })), [])
    await program(route([servers[0]!]))
    await other.close()
    expect(await ask(VIP, 80)).toBe('a\n')
    expect(savedRules(`-A ${mine} -j RETURN`)).toHaveLength(1)
    restoreRules(`*nat\n-F ${mine}\n-X ${mine}\nCOMMIT\n`)
  })

  it('what a killed Podium left is removed by the next, whoever it was', async () => {
    // Nobody may repair what is removed here.
    await proxy.close()
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const dead = `${clusterId}-dead`
    restoreRules(setupRules(chainsOf(dead), { clusterId: dead, pid, started: '1' }))
    const routes = set(route([servers[0]!], { addresses: ['127.200.3.3'] }))
    restoreRules(rulesFor(chainsOf(dead), routes, none))
    expect(await ask('127.200.3.3', 80)).toBe('a\n')
    await removeLeftovers(clusterId, tools.run)
    expect(savedRules(chainsOf(dead).prefix)).toEqual([])
    expect(await ask('127.200.3.3', 80)).toBe('ECONNREFUSED')
    proxy = await start(clusterId)
  })

  it('what the kernel remembers of connections of a cluster before leads nobody astray', async () => {
    const client = { host: VIP, port: 80, localAddress: '127.200.4.60', localPort: 45_001 }
    const accepted: Socket[] = []
    const dead = createServer((socket) => void accepted.push(socket.on('error', () => {})))
    await listen(dead, '127.200.4.61', 8080)
    await program(route([{ ip: '127.200.4.61', port: 8080 }]))
    const socket = connect(client).on('error', () => {})
    await until(() => accepted.length === 1)
    // Both ends go and the kernel sees neither end: what it remembers is an open connection.
    const unseen = ['-s', '-d'].map((side) => `OUTPUT ${side} 127.200.4.60 -p tcp -j DROP`)
    restoreRules(['*raw', ...unseen.map((rule) => `-I ${rule}`), 'COMMIT', ''].join('\n'))
    for (const end of [socket, ...accepted]) end.resetAndDestroy()
    dead.close()
    await proxy.close()
    proxy = await start(clusterId)
    await program(route([servers[0]!]))
    restoreRules(['*raw', ...unseen.map((rule) => `-D ${rule}`), 'COMMIT', ''].join('\n'))
    const again = connect(client)
    const [heard] = (await once(again, 'data')) as [Buffer]
    expect(heard.toString()).toBe('a\n')
    again.destroy()
  })

  it('left, keeps the kernel tracking connections, so that open ones go on', async () => {
    await program(route([servers[0]!]))
    const socket = connect(80, VIP)
    const heard: string[] = []
    socket.on('data', (chunk) => heard.push(chunk.toString()))
    await until(() => heard.join('') === 'a\n')
    await proxy.leave()
    expect(await ask(VIP, 80)).toBe('ECONNREFUSED')
    socket.write('still there')
    await until(() => heard.join('') === 'a\nstill there')
    socket.destroy()
    await program(route([servers[1]!]))
    expect(await ask(VIP, 80)).toBe('b\n')
  })

  it('brings rules back that others have removed, and leaves alone what is there', async () => {
    await program(route([servers[0]!]))
    restoreRules(`*nat\n-F ${chains.services}\nCOMMIT\n`)
    expect(await ask(VIP, 80)).toBe('ECONNREFUSED')
    await until(async () => (await ask(VIP, 80)) === 'a\n')

    const socket = connect(80, VIP)
    const heard: string[] = []
    socket.on('data', (chunk) => heard.push(chunk.toString()))
    await until(() => heard.join('') === 'a\n')
    const refusal = () => savedRules(`-A ${chains.reject}`).length
    const before = refusal()
    restoreRules(`*filter\n-F ${chains.reject}\nCOMMIT\n`)
    expect(refusal()).toBe(0)
    await until(() => refusal() === before)
    socket.write('still there')
    await until(() => heard.join('') === 'a\nstill there')
    socket.destroy()
  })
})
