// The iptables proxy: the kernel passes connections on; this only writes the rules, all of them in chains of our own.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { ListenFailure } from './forwarder.ts'
import type { Chains, Owner } from './iptables-rules.ts'
import { chainsOf, leftoverRules, rulesFor, setupRules } from './iptables-rules.ts'
import type { Proxier } from './proxier.ts'
import type { Route, RouteChanges } from './table.ts'

/** Seconds to wait for another program that is changing rules. */
const LOCK_WAIT = '5'

/** Removes what dead Podiums, or one of this cluster before, left in the kernel. Does nothing where iptables is missing. */
export async function removeLeftovers(clusterId: string): Promise<void> {
  const saved = await run('iptables-save', []).catch(() => '')
  const rules = leftoverRules(saved, (owner) => owner.clusterId !== clusterId && isRunning(owner))
  if (rules) await restore(rules)
}

/** Sets the chains up, empty; node ports answer on 127.0.0.1 and in `nodeCidrs`. Rejects with a sentence when this machine does not allow it. */
export async function startIptablesProxy(
  clusterId: string,
  nodeCidrs: readonly string[] = [],
): Promise<Proxier> {
  const proxy = new IptablesProxy(clusterId, nodeCidrs)
  await proxy.setup()
  return proxy
}

class IptablesProxy implements Proxier {
  readonly mode = 'iptables'
  readonly #clusterId: string
  readonly #chains: Chains
  /** What is in force. */
  readonly #routes = new Map<string, Route>()
  /** What is in the kernel is not known, after a failure. */
  #broken = false

  constructor(clusterId: string, nodeCidrs: readonly string[]) {
    this.#clusterId = clusterId
    this.#chains = chainsOf(clusterId, nodeCidrs)
  }

  async setup(): Promise<void> {
    await removeLeftovers(this.#clusterId)
    const { pid } = process
    await restore(
      setupRules(this.#chains, { clusterId: this.#clusterId, pid, started: startOf(pid) }),
    )
  }

  async program(changes: RouteChanges): Promise<ListenFailure[]> {
    try {
      if (this.#broken) await this.#rebuild()
      await restore(rulesFor(this.#chains, changes, (key) => this.#routes.get(key)))
    } catch (error) {
      this.#broken = true
      throw error
    }
    for (const key of changes.remove) this.#routes.delete(key)
    for (const route of changes.set) this.#routes.set(route.key, route)
    return []
  }

  async #rebuild(): Promise<void> {
    await this.setup()
    const all = { set: [...this.#routes.values()], remove: [] }
    await restore(rulesFor(this.#chains, all, () => undefined))
    this.#broken = false
  }

  counts(): undefined {
    return undefined
  }

  /** Connections that are open go on: the kernel remembers where they lead. */
  async close(): Promise<void> {
    await removeLeftovers(this.#clusterId)
  }
}

function restore(rules: string): Promise<string> {
  return run('iptables-restore', ['-w', LOCK_WAIT, '--noflush'], rules)
}

/** Runs a program to its end; rejects with what it said. */
function run(program: string, args: string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', (error) => reject(new Error(`${program} cannot be run: ${error.message}`)))
    child.on('close', (code) => {
      const said = Buffer.concat(errors).toString().trim().split('\n')[0] ?? ''
      if (code === 0) resolve(Buffer.concat(output).toString())
      else reject(new Error(`${program} failed: ${said}`))
    })
    // A program that ends early closes its input; how it ended says why.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
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
