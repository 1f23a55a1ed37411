// What a data plane serves: rules in the order in which they are tried, the endpoints behind them, certificates. Pure.

export interface Target {
  ip: string
  port: number
}

/** Requests for `host` and `path` go to `backend`. */
export interface RoutingRule {
  /** Lower case; `*.` in front stands for one label, '' for every host. */
  host: string
  path: string
  /** Prefix goes by whole elements of the path. */
  type: 'Exact' | 'Prefix'
  /** Key in `backends`. */
  backend: string
  /** `namespace/name` of the Ingress it comes from. */
  ingress: string
}

export interface Backend {
  /** Empty: 503. */
  targets: readonly Target[]
  /** Why it answers 503 whatever its endpoints are: the Service is missing, or does not have that port. */
  broken?: string
}

export interface Certificate {
  /** Lower case, `*.` in front for one label; [] is what clients get for all other names. */
  hosts: readonly string[]
  /** PEM. */
  cert: string
  key: string
}

export interface RoutingTable {
  /** The first that matches counts. */
  rules: readonly RoutingRule[]
  backends: Readonly<Record<string, Backend>>
  certificates: readonly Certificate[]
  /** Hosts whose certificate is missing: over TLS they answer 503. */
  withoutCertificate: readonly string[]
}

export const EMPTY_TABLE: RoutingTable = {
  rules: [],
  backends: {},
  certificates: [],
  withoutCertificate: [],
}

/** `Foo.com:8080` -> `foo.com` */
export function hostOf(header: string | undefined): string {
  return (header ?? '').replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase()
}

/** A wildcard stands for exactly one label (Ingress documentation, "Hostname wildcards"). */
export function matchesHost(pattern: string, host: string): boolean {
  if (pattern === '' || pattern === host) return true
  if (!pattern.startsWith('*.')) return false
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === pattern.slice(1)
}

/** Element by element, a slash at the end of the prefix does not matter (Ingress documentation, "Path types"). */
export function matchesPath({ path, type }: Pick<RoutingRule, 'path' | 'type'>, asked: string) {
  if (type === 'Exact') return asked === path
  const prefix = withoutEndSlash(path)
  return asked === prefix || asked.startsWith(`${prefix}/`)
}

/** `/a/` -> `/a`, `/` -> `` */
export function withoutEndSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

/** Rules by host, so that finding one costs the rules of that host only. */
export interface RuleFinder {
  /** @param path what is asked for, without its query */
  find(host: string, path: string): RoutingRule | undefined
}

interface Placed {
  place: number
  rule: RoutingRule
}

export function createRuleFinder(rules: readonly RoutingRule[]): RuleFinder {
  const byHost = new Map<string, Placed[]>()
  for (const [place, rule] of rules.entries()) {
    const held = byHost.get(rule.host)
    if (held) held.push({ place, rule })
    else byHost.set(rule.host, [{ place, rule }])
  }
  return {
    find(host, path) {
      const dot = host.indexOf('.')
      let first: Placed | undefined
      for (const pattern of new Set([host, dot > 0 ? `*${host.slice(dot)}` : '', ''])) {
        const found = byHost.get(pattern)?.find(({ rule }) => matchesPath(rule, path))
        if (found && (!first || found.place < first.place)) first = found
      }
      return first?.rule
    },
  }
}
