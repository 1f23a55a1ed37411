// The three programs together, as processes: servers come and go under load, and every count agrees to the unit.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { FAILURE_CAUSES, type BotCount, type LoadFrame } from '../../shared/load.ts'

const programs = fileURLToPath(new URL('../../dist/server', import.meta.url))
const places: string[] = []
const running = new Set<ChildProcess>()
const closers: (() => void)[] = []

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  for (const close of closers.splice(0)) close()
  for (const place of places.splice(0)) rmSync(place, { recursive: true, force: true })
})

interface Program {
  port: number
  /** Ends it by SIGTERM; answers its termination message and its log. */
  stop: () => Promise<{ status: number | null; message: unknown; log: string }>
}

/** Starts a program; it must say on which port it listens within its first line. */
async function start(name: string, pod: string, ip: string, args: string[]): Promise<Program> {
  const place = mkdtempSync(path.join(tmpdir(), 'podium-programs-'))
  places.push(place)
  const termination = path.join(place, 'termination')
  const child = spawn(process.execPath, [path.join(programs, `${name}.js`), ...args], {
    env: { POD_NAME: pod, POD_UID: pod, POD_IP: ip, PODIUM_TERMINATION_LOG: termination },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  const exit = once(child, 'exit')
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  await until(() => log.includes('\n'), `${pod} says something`)
  return {
    port: Number(/:(\d+)\n/.exec(log)?.[1]),
    stop: async () => {
      child.kill('SIGTERM')
      const [status] = (await exit) as [number | null]
      running.delete(child)
      return { status, message: JSON.parse(readFileSync(termination, 'utf8')), log }
    },
  }
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

interface Backend {
  host: string
  port: number
}

/** A service: connections go to the backends in turn, and stay there. */
async function startService(backends: Backend[]): Promise<number> {
  let turn = 0
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const backend = backends[turn++ % backends.length]
    if (!backend) return void client.destroy()
    const upstream = net.connect({ ...backend, allowHalfOpen: true })
    client.pipe(upstream).pipe(client)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.resetAndDestroy())
  })
  server.listen(0, '127.200.0.1')
  await once(server, 'listening')
  closers.push(() => void server.close())
  return (server.address() as net.AddressInfo).port
}

async function frameOf(aggregator: string): Promise<LoadFrame> {
  return (await fetch(`${aggregator}/report`)).json() as Promise<LoadFrame>
}

function failedOf(count: BotCount): number {
  return FAILURE_CAUSES.reduce((sum, cause) => sum + count.failed[cause], 0)
}

describe('servers that come and go under load', () => {
  it.each([
    { loop: 'closed', args: ['--rate', '0'] },
    { loop: 'open', args: ['--rate', '3000'] },
  ])('lose nothing and agree with the loadbot to the unit ($loop loop)', async ({ args }) => {
    const ips = ['127.200.10.1', '127.200.10.2', '127.200.10.3', '127.200.10.4']
    const webs = new Map<string, Program>()
    const backends: Backend[] = []
    let served = 0
    const add = async (pod: string, ip: string): Promise<void> => {
      const web = await start('web', pod, ip, ['--port', '0', '--version', 'v1'])
      webs.set(ip, web)
      backends.push({ host: ip, port: web.port })
    }
    const remove = async (ip: string): Promise<void> => {
      backends.splice(
        backends.findIndex(({ host }) => host === ip),
        1,
      )
      const { status, message } = (await webs.get(ip)?.stop()) ?? {}
      webs.delete(ip)
      expect(status).toBe(0)
      served += (message as { answered: number }).answered
    }

    await add('web-0', ips[0] ?? '')
    await add('web-1', ips[1] ?? '')
    const service = await startService(backends)
    const bot = await start('loadbot', 'bot-0', '127.200.11.1', [
      ...`--host 127.200.0.1 --port ${service} --report-port 0 --connections 4`.split(' '),
      ...'--depth 8 --connection-lifetime 300ms'.split(' '),
      ...args,
    ])
    const aggregatorIp = '127.200.12.1'
    const follows = `--bots 127.200.11.1:${bot.port} --port 0`.split(' ')
    const reader = await start('aggregator', 'aggregator', aggregatorIp, follows)
    const aggregator = `http://${aggregatorIp}:${reader.port}`
    const answeredBy = async (pod: string): Promise<number> =>
      (await frameOf(aggregator)).servers.find((server) => server.pod === pod)?.answered ?? 0
    await until(async () => (await answeredBy('web-1')) > 100, 'the first servers answer')

    for (let round = 2; round < 8; round++) {
      const pod = `web-${round}`
      await add(pod, ips[round % ips.length] ?? '')
      await until(async () => (await answeredBy(pod)) > 50, `${pod} answers`)
      await remove(ips[(round - 2) % ips.length] ?? '')
    }

    const { status, message } = await bot.stop()
    const count = message as BotCount
    expect(status).toBe(0)
    await until(
      async () => (await frameOf(aggregator)).bots[0]?.final === true,
      'the aggregator has the last counts',
    )
    for (const ip of webs.keys()) await remove(ip)
    const frame = await frameOf(aggregator)

    expect(failedOf(count)).toBe(0)
    expect(count.inFlight).toBe(0)
    expect(count.answered).toBe(count.sent)
    expect(served).toBe(count.answered)
    expect(frame.bots).toEqual([{ ...count, run: frame.bots[0]?.run }])
    expect(frame.servers.reduce((sum, server) => sum + server.answered, 0)).toBe(count.answered)
    expect(frame.servers).toHaveLength(8)
  })
})
