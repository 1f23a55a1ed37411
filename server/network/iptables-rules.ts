// Routes as input for iptables-restore: kube-proxy's scheme (pkg/proxy/iptables/proxier.go) in chains of our own. Pure.
import { createHash } from 'node:crypto'
import type { Route, RouteChanges, Target } from './table.ts'

/** Names of one cluster's chains; they differ between clusters on one machine. At most 28 characters each. */
export interface Chains {
  services: string
  nodePorts: string
  reject: string
  tracking: string
  /** `PODIUM-1A2B3C-`: what all of them begin with. */
  prefix: string
  /** What the addresses of the cluster's nodes lie in. */
  nodeCidrs: readonly string[]
}

const hash = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length).toUpperCase()

export function chainsOf(clusterId: string, nodeCidrs: readonly string[] = []): Chains {
  const prefix = `PODIUM-${hash(clusterId, 6)}-`
  return {
    prefix,
    nodeCidrs,
    services: `${prefix}SERVICES`,
    nodePorts: `${prefix}NODEPORTS`,
    reject: `${prefix}REJECT`,
    tracking: `${prefix}TRACKING`,
  }
}

const serviceChain = (chains: Chains, route: Route): string =>
  `${chains.prefix}S${hash(route.key, 12)}`

const targetChain = (chains: Chains, route: Route, { ip, port }: Target): string =>
  `${chains.prefix}E${hash(`${route.key} ${ip}:${port}`, 12)}`

/** Comments are for people reading `iptables -L`; quotes in them would end them. */
const commented = (text: string): string =>
  `-m comment --comment "${text.replace(/[^\w:./ -]/g, '_')}"`

// Only what opens a connection is led anywhere: where the kernel begins to track connections with our first rule, packets of
// those that are open already look new to it and must go on as they did.
const matching = ({ protocol }: Route, port: number): string => {
  const name = protocol.toLowerCase()
  return `-p ${name} -m ${name} --dport ${port}${protocol === 'TCP' ? ' --syn' : ''}`
}

/** Where node ports answer: on this machine's own address and on those of its nodes. */
const nodePortAddresses = ({ nodeCidrs }: Chains): string[] => ['127.0.0.1/32', ...nodeCidrs]

/** Rules of the nat table that lead to the route's chain: what a match depends on, so they change only with it. */
function entries(chains: Chains, route: Route): string[] {
  const jump = `${commented(route.key)} -j ${serviceChain(chains, route)}`
  const rules = route.addresses.map(
    (address) => `${chains.services} -d ${address}/32 ${matching(route, route.port)} ${jump}`,
  )
  if (route.nodePort) rules.push(`${chains.nodePorts} ${matching(route, route.nodePort)} ${jump}`)
  return rules
}

/** Rules of the filter table that refuse connections to a route without targets. */
function refusals(chains: Chains, route: Route): string[] {
  if (route.targets.length > 0) return []
  const how = route.protocol === 'TCP' ? 'REJECT --reject-with tcp-reset' : 'REJECT'
  const why = commented(`${route.key} has no endpoints`)
  const rules = route.addresses.map(
    (address) =>
      `${chains.reject} -d ${address}/32 ${matching(route, route.port)} ${why} -j ${how}`,
  )
  for (const nodes of route.nodePort ? nodePortAddresses(chains) : []) {
    rules.push(`${chains.reject} -d ${nodes} ${matching(route, route.nodePort!)} ${why} -j ${how}`)
  }
  return rules
}

/** The chains of a route with their rules. Each target gets an equal share of what the ones before it left. */
function body(chains: Chains, route: Route): Map<string, string[]> {
  const { targets, affinitySeconds } = route
  const protocol = `-p ${route.protocol.toLowerCase()}`
  const own = serviceChain(chains, route)
  const rules: string[] = []
  const result = new Map([[own, rules]])
  if (affinitySeconds !== undefined) {
    for (const target of targets) {
      const chain = targetChain(chains, route, target)
      rules.push(
        `-m recent --name ${chain} --rcheck --seconds ${affinitySeconds} --reap -j ${chain}`,
      )
      result.set(chain, [`${protocol} -m recent --name ${chain} --set ${dnat(target)}`])
    }
  }
  targets.forEach((target, index) => {
    const left = targets.length - index
    const share =
      left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : ''
    const then =
      affinitySeconds === undefined ? dnat(target) : `-j ${targetChain(chains, route, target)}`
    rules.push(`${protocol}${share} ${then}`)
  })
  return result
}

/** The rules of a route's chain that lead to its targets, in their order, as `iptables-save` would name them. */
export function targetRules(chains: Chains, route: Route): string[] {
  const own = serviceChain(chains, route)
  const rules = body(chains, route).get(own) ?? []
  return rules.slice(-route.targets.length || rules.length).map((rule) => `-A ${own} ${rule}`)
}

const dnat = ({ ip, port }: Target): string => `-j DNAT --to-destination ${ip}:${port}`

/**
 * The input that puts the changes in force: per table one commit, so a connection sees the old rules or the new ones.
 * `old` answers the route now in force under a key.
 */
export function rulesFor(
  chains: Chains,
  changes: RouteChanges,
  old: (key: string) => Route | undefined,
): string {
  const declared = new Set<string>()
  const dropped = new Set<string>()
  const nat = { remove: [] as string[], add: [] as string[] }
  const filter = { remove: [] as string[], add: [] as string[] }
  const pairs: [Route | undefined, Route | undefined][] = [
    ...changes.remove.map((key): [Route | undefined, undefined] => [old(key), undefined]),
    ...changes.set.map((route): [Route | undefined, Route] => [old(route.key), route]),
  ]
  for (const [before, now] of pairs) {
    exchange(before && entries(chains, before), now && entries(chains, now), nat)
    exchange(before && refusals(chains, before), now && refusals(chains, now), filter)
    const bodyNow = now ? body(chains, now) : new Map<string, string[]>()
    for (const chain of before ? body(chains, before).keys() : []) {
      if (!bodyNow.has(chain)) dropped.add(chain)
    }
    for (const [chain, rules] of bodyNow) {
      declared.add(chain)
      nat.add.push(...rules.map((rule) => `${chain} ${rule}`))
    }
  }
  // Naming a chain empties it; a chain can only go once nothing jumps to it any more.
  const lines = [
    '*nat',
    ...[...declared, ...dropped].map((chain) => `:${chain} - [0:0]`),
    ...nat.remove.map((rule) => `-D ${rule}`),
    ...nat.add.map((rule) => `-A ${rule}`),
    ...[...dropped].map((chain) => `-X ${chain}`),
    'COMMIT',
    '*filter',
    ...filter.remove.map((rule) => `-D ${rule}`),
    ...filter.add.map((rule) => `-A ${rule}`),
    'COMMIT',
    '',
  ]
  return lines.join('\n')
}

function exchange(
  before: string[] | undefined,
  now: string[] | undefined,
  into: { remove: string[]; add: string[] },
): void {
  into.remove.push(...(before ?? []).filter((rule) => !now?.includes(rule)))
  into.add.push(...(now ?? []).filter((rule) => !before?.includes(rule)))
}

/** Who owns the chains, in the comment of the rules that lead to them. */
export interface Owner {
  clusterId: string
  pid: number
  /** When that process started, so that a later one with its pid is not taken for it. */
  started: string
}

/** What marks a rule that leads to our chains. */
export const ownerComment = ({ clusterId, pid, started }: Owner): string =>
  commented(`podium:${clusterId}:${pid}:${started}`)

/** The built-in chains that lead to ours: [table, chain, match, our chain]. */
function hooks(chains: Chains): [string, string, string, string][] {
  const into = (chain: string): [string, string, string, string][] => [
    ['nat', chain, '', chains.services],
    ...nodePortAddresses(chains).map((nodes): [string, string, string, string] => [
      'nat',
      chain,
      `-d ${nodes} `,
      chains.nodePorts,
    ]),
  ]
  return [
    ...into('OUTPUT'),
    ...into('PREROUTING'),
    ['filter', 'OUTPUT', '-m conntrack --ctstate NEW ', chains.reject],
  ]
}

/** The input that makes the main chains and leads traffic to them. */
export function setupRules(chains: Chains, owner: Owner): string {
  const rules = (table: string): string[] =>
    hooks(chains)
      .filter(([of]) => of === table)
      .map(([, chain, match, to]) => `-A ${chain} ${match}${ownerComment(owner)} -j ${to}`)
  return [
    '*nat',
    `:${chains.services} - [0:0]`,
    `:${chains.nodePorts} - [0:0]`,
    ...rules('nat'),
    'COMMIT',
    '*filter',
    `:${chains.reject} - [0:0]`,
    ...rules('filter'),
    'COMMIT',
    '',
  ].join('\n')
}

const emptyTable = () => ({
  declared: new Set<string>(),
  rules: [] as string[],
  dropped: new Set<string>(),
})

/** Several inputs as one, so that each table goes from what was before the first to what is after the last at one moment. */
export function asOne(inputs: readonly string[]): string {
  const tables = new Map<string, ReturnType<typeof emptyTable>>()
  for (const input of inputs) {
    let table = emptyTable()
    for (const line of input.split('\n')) {
      if (line.startsWith('*')) {
        table = tables.get(line) ?? emptyTable()
        tables.set(line, table)
      }
      const [word = '', chain = ''] = line.split(' ')
      if (word.startsWith(':')) {
        table.declared.add(word.slice(1))
        table.dropped.delete(word.slice(1))
      } else if (word === '-X') table.dropped.add(chain)
      else if (word.startsWith('-')) table.rules.push(line)
    }
  }
  const lines = [...tables].flatMap(([name, { declared, rules, dropped }]) => [
    name,
    ...[...declared].map((chain) => `:${chain} - [0:0]`),
    ...rules,
    ...[...dropped].map((chain) => `-X ${chain}`),
    'COMMIT',
  ])
  return `${lines.join('\n')}\n`
}

const OUR_CHAIN = /^:(PODIUM-[0-9A-F]{6}-)\S+/
const OUR_HOOK =
  /^-A (?:OUTPUT|PREROUTING) .*--comment "?podium:([\w.-]*):(\d+):(\w*)"? -j (PODIUM-[0-9A-F]{6}-)\S+$/

/**
 * The input that removes from what `iptables-save` says every chain of ours whose owner is not `alive`, and what leads to
 * it; undefined when there is none. Chains nobody's rule leads to have no owner.
 */
export function leftoverRules(saved: string, alive: (owner: Owner) => boolean): string | undefined {
  const kept = new Set<string>()
  const tables: { table: string; chains: [string, string][]; hooks: [string, string][] }[] = []
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) tables.push({ table: line.slice(1), chains: [], hooks: [] })
    const at = tables.at(-1)
    const chain = OUR_CHAIN.exec(line)
    if (chain) at?.chains.push([chain[1]!, chain[0].slice(1)])
    const hook = OUR_HOOK.exec(line)
    if (!hook) continue
    const [, clusterId = '', pid, started = '', prefix = ''] = hook
    at?.hooks.push([prefix, line.replace(/^-A/, '-D')])
    if (alive({ clusterId, pid: Number(pid), started })) kept.add(prefix)
  }
  const lines: string[] = []
  for (const { table, chains, hooks } of tables) {
    const gone = chains.filter(([prefix]) => !kept.has(prefix)).map(([, chain]) => chain)
    const loose = hooks.filter(([prefix]) => !kept.has(prefix)).map(([, rule]) => rule)
    if (gone.length + loose.length === 0) continue
    lines.push(
      `*${table}`,
      ...gone.map((chain) => `:${chain} - [0:0]`),
      ...loose,
      ...gone.map((chain) => `-X ${chain}`),
      'COMMIT',
    )
  }
  return lines.length > 0 ? `${lines.join('\n')}\n` : undefined
}
