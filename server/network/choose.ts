// Which proxy this machine allows, found out by trying, and said in a sentence.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { randomUUID } from 'node:crypto'
import type { Clock } from '../machinery/clock.ts'
import { messageOf } from '../machinery/log.ts'
import { startIptablesProxy } from './iptables.ts'
import type { Proxier, ProxyMode } from './proxier.ts'

/** No service has this address: it is only used to try. */
const TRIAL_ADDRESS = '127.255.255.1'
const TRIAL_TIMEOUT_MS = 2000

/** Why iptables cannot be used here, or undefined when a connection through its rules has just worked. */
export async function iptablesObstacle(clock: Clock): Promise<string | undefined> {
  const server = createServer((socket) => socket.destroy())
  let proxy: Proxier | undefined
  try {
    const port = await listen(server)
    proxy = await startIptablesProxy(`trial-${randomUUID()}`)
    const target = { ip: '127.0.0.1', port }
    const base = { service: 'trial', protocol: 'TCP', addresses: [TRIAL_ADDRESS] } as const
    const open = { ...base, key: 'trial:80', port: 80, targets: [target, target] }
    const sticky = { ...base, key: 'trial:81', port: 81, affinitySeconds: 10, targets: [target] }
    const closed = { ...base, key: 'trial:82', port: 82, targets: [] }
    await proxy.program({ set: [open, sticky, closed], remove: [] }, [])
    await reach(clock, open.port)
    await reach(clock, sticky.port)
    return undefined
  } catch (error) {
    return messageOf(error)
  } finally {
    await proxy?.close(false).catch(() => {})
    server.close()
  }
}

export interface Choice {
  /** The mode to begin with. */
  mode: ProxyMode
  /** Why, as a sentence. */
  why: string
  /** All modes that work on this machine. */
  modes: readonly ProxyMode[]
}

/** Tries what works here and chooses. */
export async function chooseMode(wanted: 'auto' | ProxyMode, clock: Clock): Promise<Choice> {
  const obstacle = await iptablesObstacle(clock)
  const modes: ProxyMode[] = obstacle ? ['userspace'] : ['userspace', 'iptables']
  if (wanted === 'userspace') {
    return { mode: 'userspace', why: 'Services are proxied by a process, as asked for.', modes }
  }
  if (!obstacle) {
    const why = wanted === 'auto' ? 'because iptables works on this machine' : 'as asked for'
    return {
      mode: 'iptables',
      why: `Services are proxied by the kernel (iptables), ${why}.`,
      modes,
    }
  }
  const why = `Services are proxied by a process, because iptables cannot be used here: ${obstacle}.`
  return { mode: 'userspace', why, modes }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function reach(clock: Clock, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, TRIAL_ADDRESS)
    const timer = clock.after(TRIAL_TIMEOUT_MS, () =>
      socket.destroy(new Error('a connection through a trial rule got no answer')),
    )
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
    socket.once('close', () => timer.cancel())
  })
}
