// The iptables proxy: the kernel passes connections on; this only writes the rules, all of them in chains of our own.
import { readFileSync } from 'node:fs'
import type { Clock, Timer } from '../machinery/clock.ts'
import type { Log } from '../machinery/log.ts'
import { messageOf } from '../machinery/log.ts'
import type { Canary } from './canary.ts'
import { openCanary } from './canary.ts'
import type { ListenFailure } from './forwarder.ts'
import type { Chains, Owner } from './iptables-rules.ts'
import {
  asOne,
  chainsOf,
  leftoverRules,
  rulesFor,
  setupRules,
  targetRules,
} from './iptables-rules.ts'
import type { Proxier } from './proxier.ts'
import type { Route, RouteChanges } from './table.ts'
import type { RunTool } from './tools.ts'
import { NotInstalled } from './tools.ts'
import { newZone, zoneRules } from './tracking-zone.ts'

/** Seconds to wait for another program that is changing rules. */
const LOCK_WAIT = '5'
/** How often it is looked whether the rules are still there (firewalls are reloaded, people flush tables). */
const LOOK_EVERY_MS = 500
/** Others may remove the same leftovers at the same moment. */
const REMOVE_TRIES = 3

/** Removes what dead Podiums, or one of this cluster before, left in the kernel. Does nothing where iptables is missing. */
export function removeLeftovers(clusterId: string, run: RunTool): Promise<void> {
  return replaceLeftovers(clusterId, run)
}

/** The same; `rules` take their place at the same moment, table by table. */
async function replaceLeftovers(
  clusterId: string,
  run: RunTool,
  rules: readonly string[] = [],
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const saved = await run('iptables-save', []).catch(() => '')
    const old = leftoverRules(saved, (owner) => owner.clusterId !== clusterId && isRunning(owner))
    const input = [...(old ? [old] : []), ...rules]
    if (input.length === 0) return
    try {
      await restore(run, asOne(input))
      return
    } catch (error) {
      if (!old || tries === REMOVE_TRIES) throw error
    }
  }
}

export interface IptablesOptions {
  clusterId: string
  /** Node ports answer on 127.0.0.1 and in these. */
  nodeCidrs?: readonly string[]
  /** What the addresses of Services lie in. */
  serviceCidr: string
  /** Runs iptables' programs. */
  run: RunTool
  clock: Clock
  log: Log
}

/**
 * Sets the chains up and sends connections through trial rules. Rejects with a sentence, and leaves nothing behind, when
 * this machine does not allow it.
 */
export async function startIptablesProxy(options: IptablesOptions): Promise<Proxier> {
  const canary = await openCanary()
  const proxy = new IptablesProxy(options, canary)
  try {
    await proxy.begin()
    const obstacle = await canary.obstacle(options.clock)
    if (obstacle) throw new Error(obstacle.why)
  } catch (error) {
    await proxy.close().catch(() => {})
    throw await obstacleOf(error, options.run)
  }
  proxy.lookAgain()
  return proxy
}

/**
 * Its chains stay, empty but for the canary, while another proxy has the connections: with the last rule that needs it the
 * kernel would stop tracking connections, those it leads would break, and it would later take new ones for old ones.
 */
class IptablesProxy implements Proxier {
  readonly mode = 'iptables'
  readonly #options: IptablesOptions
  readonly #chains: Chains
  readonly #canary: Canary
  /** Undefined where this kernel has no zones. */
  #zone: number | undefined = newZone()
  /** What is in force. */
  readonly #routes = new Map<string, Route>()
  /** What is in the kernel is not known, after a failure. */
  #broken = false
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #look: Timer | undefined
  #closed = false

  constructor(options: IptablesOptions, canary: Canary) {
    this.#options = options
    this.#canary = canary
    this.#chains = chainsOf(options.clusterId, options.nodeCidrs)
  }

  /** The first setup, which finds out whether this kernel has zones. */
  async begin(): Promise<void> {
    try {
      await this.setup()
    } catch {
      this.#zone = undefined
      await this.setup()
    }
  }

  async setup(): Promise<void> {
    const { clusterId, serviceCidr, run } = this.#options
    const { pid } = process
    const owner = { clusterId, pid, started: startOf(pid) }
    const all = { set: [...this.#canary.routes, ...this.#routes.values()], remove: [] }
    const zone = this.#zone
    await replaceLeftovers(clusterId, run, [
      ...(zone === undefined ? [] : [zoneRules(this.#chains, owner, serviceCidr, zone)]),
      setupRules(this.#chains, owner),
      rulesFor(this.#chains, all, () => undefined),
    ])
    this.#broken = false
  }

  program(changes: RouteChanges): Promise<ListenFailure[]> {
    return this.#inTurn(async () => {
      if (this.#broken) await this.setup()
      await this.#change(changes)
      return []
    })
  }

  rulesOf(route: Route): string[] {
    return targetRules(this.#chains, route)
  }

  leave(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#change({ set: [], remove: [...this.#routes.keys()] })
      } finally {
        // Whatever happens, these are no longer wanted: a repair does not bring them back.
        this.#routes.clear()
      }
    })
  }

  async #change(changes: RouteChanges): Promise<void> {
    try {
      const rules = rulesFor(this.#chains, changes, (key) => this.#routes.get(key))
      await restore(this.#options.run, rules)
    } catch (error) {
      this.#broken = true
      throw error
    }
    for (const key of changes.remove) this.#routes.delete(key)
    for (const route of changes.set) this.#routes.set(route.key, route)
  }

  /** Keeps looking whether the rules are still there, and brings them back. */
  lookAgain(): void {
    if (this.#closed) return
    this.#look = this.#options.clock.after(LOOK_EVERY_MS, () => {
      void this.#lookOnce().then(() => this.lookAgain())
    })
  }

  async #lookOnce(): Promise<void> {
    const { clock, log } = this.#options
    const gone = await this.#canary.obstacle(clock)
    if (this.#broken) await this.#inTurn(() => this.#repair('a change failed'))
    else if (gone?.isCertain) await this.#inTurn(() => this.#repair(gone.why))
    else if (gone) log.debug(gone.why)
  }

  async #repair(why: string): Promise<void> {
    const { log } = this.#options
    if (this.#closed) return
    try {
      await this.setup()
      log.warn(`iptables rules were not in force (${why}); they have been restored`)
    } catch (error) {
      log.warn(`iptables rules are not in force (${why}): ${messageOf(error)}`)
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  counts(): undefined {
    return undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#look?.cancel()
    this.#canary.close()
    const { clusterId, run } = this.#options
    await this.#inTurn(() => removeLeftovers(clusterId, run))
  }
}

function restore(run: RunTool, rules: string): Promise<string> {
  return run('iptables-restore', ['-w', LOCK_WAIT, '--noflush'], rules)
}

/** What keeps iptables from working, with the way out where there is one: nft alone is one package away from it. */
async function obstacleOf(error: unknown, run: RunTool): Promise<Error> {
  const obstacle = error instanceof Error ? error : new Error(String(error))
  if (!(obstacle instanceof NotInstalled)) return obstacle
  const hasNft = await run('nft', ['--version']).then(
    () => true,
    () => false,
  )
  if (!hasNft) return obstacle
  return new Error(`${obstacle.message}, only nft is; install iptables, which writes to nftables`)
}

/** When a process started, in ticks since boot (proc(5), field 22); empty when it does not run. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isRunning({ pid, started }: Owner): boolean {
  const start = startOf(pid)
  return start !== '' && start === started
}
