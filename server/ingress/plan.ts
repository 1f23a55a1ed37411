// From the Ingresses of a class to its routing table, and what is wrong with them. Pure.
// The rules are those of Kubernetes' Ingress documentation; where it leaves a choice, README.md says what was chosen.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Secret } from '../../shared/kubernetes/cluster.ts'
import type { HTTPIngressPath, Ingress, IngressBackend } from '../../shared/kubernetes/ingress.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { EndpointSlice, Service } from '../../shared/kubernetes/network.ts'
import { backendOf } from './plan-backends.ts'
import type { Backend, Certificate, RoutingRule, RoutingTable } from './routing-table.ts'
import { withoutEndSlash } from './routing-table.ts'

export interface PlanInput {
  /** Those of one class. */
  ingresses: readonly Ingress[]
  /** All by `namespace/name`. */
  service(key: string): Service | undefined
  slices(service: string): readonly EndpointSlice[]
  secret(key: string): Secret | undefined
}

/** What is wrong with an Ingress: a Warning event. */
export interface Problem {
  ingress: Ingress
  reason: 'ServiceNotFound' | 'SecretNotFound' | 'InvalidCertificate' | 'Unsupported' | 'Conflict'
  message: string
}

export interface RoutingPlan {
  table: RoutingTable
  problems: Problem[]
  /** What it was made from, there or not, by `namespace/name`. */
  references: { services: Set<string>; secrets: Set<string> }
}

/** The oldest Ingress wins where two say the same (then the first by name). */
function byAge(a: Ingress, b: Ingress): number {
  const made = ({ metadata }: Ingress): string => metadata.creationTimestamp ?? ''
  const [left, right] = [`${made(a)} ${keyOf(a)}`, `${made(b)} ${keyOf(b)}`]
  return left < right ? -1 : Number(left > right)
}

/** The routing table of the Ingresses, and what could not be done. */
export function planRouting(input: PlanInput): RoutingPlan {
  const draft = new Draft(input)
  const ordered = [...input.ingresses].sort(byAge)
  for (const ingress of ordered) draft.addRules(ingress)
  for (const ingress of ordered) draft.addFallback(ingress)
  for (const ingress of ordered) draft.addCertificates(ingress)
  return draft.plan()
}

class Draft {
  readonly #input: PlanInput
  readonly #rules = new Map<string, RoutingRule>()
  /** Default backends: tried after all rules, first those of the host, then of every host. */
  readonly #fallbacks = new Map<string, RoutingRule>()
  readonly #backends: Record<string, Backend> = {}
  readonly #certificates: Certificate[] = []
  readonly #withoutCertificate = new Set<string>()
  readonly #problems: Problem[] = []
  readonly #services = new Set<string>()
  readonly #secrets = new Set<string>()

  constructor(input: PlanInput) {
    this.#input = input
  }

  addRules(ingress: Ingress): void {
    for (const { host = '', http } of ingress.spec.rules ?? []) {
      for (const path of http?.paths ?? []) this.#addRule(ingress, host.toLowerCase(), path)
    }
  }

  #addRule(ingress: Ingress, host: string, { path = '', pathType, backend }: HTTPIngressPath) {
    const rule: RoutingRule = {
      host,
      path: path || '/',
      // Implementation specific means Prefix here.
      type: pathType === 'Exact' ? 'Exact' : 'Prefix',
      backend: this.#backend(ingress, backend),
      ingress: keyOf(ingress),
    }
    const matched = rule.type === 'Exact' ? rule.path : withoutEndSlash(rule.path)
    const key = `${rule.type} ${host} ${matched}`
    const older = this.#rules.get(key)
    if (!older) this.#rules.set(key, rule)
    else if (older.backend !== rule.backend) {
      const message = `${host || '*'}${rule.path} is already served by Ingress "${older.ingress}"`
      this.#problem(ingress, 'Conflict', message)
    }
  }

  addFallback(ingress: Ingress): void {
    const { defaultBackend, rules = [] } = ingress.spec
    // A rule without paths sends everything of its host to the default backend.
    if (!defaultBackend) return
    const backend = this.#backend(ingress, defaultBackend)
    for (const host of [...rules.map(({ host: named = '' }) => named.toLowerCase()), '']) {
      if (this.#fallbacks.has(host)) continue
      const rule = { host, path: '/', type: 'Prefix', backend, ingress: keyOf(ingress) } as const
      this.#fallbacks.set(host, rule)
    }
  }

  #backend(ingress: Ingress, { service, resource }: IngressBackend): string {
    const namespace = ingress.metadata.namespace ?? ''
    if (!service) {
      const name = `${resource?.kind ?? ''} "${resource?.name ?? ''}"`
      const why = `resource backends are not implemented by Podium: ${name}`
      const id = `${namespace}/resource:${resource?.kind ?? ''}:${resource?.name ?? ''}`
      this.#backends[id] = { targets: [], broken: why }
      this.#problem(ingress, 'Unsupported', why)
      return id
    }
    const key = `${namespace}/${service.name}`
    const id = `${key}:${service.port?.name ?? service.port?.number ?? ''}`
    this.#services.add(key)
    this.#backends[id] ??= backendOf(
      key,
      service.port ?? {},
      this.#input.service(key),
      this.#input.slices(key),
    )
    const { broken } = this.#backends[id]
    if (broken) this.#problem(ingress, 'ServiceNotFound', broken)
    return id
  }

  addCertificates(ingress: Ingress): void {
    for (const { hosts = [], secretName } of ingress.spec.tls ?? []) {
      // Without a Secret's name, what clients get is the data plane's own certificate.
      if (!secretName) continue
      const names = hosts.map((host) => host.toLowerCase())
      const found = this.#certificate(ingress, `${ingress.metadata.namespace ?? ''}/${secretName}`)
      if (!found) for (const name of names) this.#withoutCertificate.add(name)
      else this.#certificates.push({ hosts: names, ...found })
    }
  }

  #certificate(ingress: Ingress, key: string): Omit<Certificate, 'hosts'> | undefined {
    this.#secrets.add(key)
    const secret = this.#input.secret(key)
    if (!secret) {
      this.#problem(ingress, 'SecretNotFound', `secret "${key}" not found`)
      return undefined
    }
    const [cert, key_] = ['tls.crt', 'tls.key'].map((name) =>
      Buffer.from(secret.data?.[name] ?? '', 'base64').toString(),
    )
    const why = certificateTrouble(cert ?? '', key_ ?? '')
    if (why === undefined) return { cert: cert ?? '', key: key_ ?? '' }
    this.#problem(ingress, 'InvalidCertificate', `secret "${key}": ${why}`)
    return undefined
  }

  #problem(ingress: Ingress, reason: Problem['reason'], message: string): void {
    const known = this.#problems.some(
      (problem) => problem.ingress === ingress && problem.message === message,
    )
    if (!known) this.#problems.push({ ingress, reason, message })
  }

  plan(): RoutingPlan {
    const rules = [...this.#rules.values()].sort(byPrecedence)
    const fallbacks = [...this.#fallbacks.values()].sort(byPrecedence)
    return {
      table: {
        rules: [...rules, ...fallbacks],
        backends: this.#backends,
        certificates: withoutDoubles(this.#certificates),
        withoutCertificate: [...this.#withoutCertificate].filter(
          (host) => !this.#certificates.some(({ hosts }) => hosts.includes(host)),
        ),
      },
      problems: this.#problems,
      references: { services: this.#services, secrets: this.#secrets },
    }
  }
}

const hostRank = (host: string): number => (host === '' ? 2 : Number(host.startsWith('*.')))

/** Exact hosts, wildcards, every host; then the longest path; then Exact before Prefix. */
function byPrecedence(a: RoutingRule, b: RoutingRule): number {
  const exact = ({ type }: RoutingRule): number => Number(type !== 'Exact')
  const length = ({ path, type }: RoutingRule): number =>
    (type === 'Exact' ? path : withoutEndSlash(path)).length
  return hostRank(a.host) - hostRank(b.host) || length(b) - length(a) || exact(a) - exact(b)
}

/** A host has one certificate: the oldest Ingress'. */
function withoutDoubles(certificates: readonly Certificate[]): Certificate[] {
  const taken = new Set<string>()
  return certificates.flatMap(({ hosts, ...rest }) => {
    const named = hosts.length === 0 ? [''] : hosts
    const own = named.filter((host) => !taken.has(host))
    for (const host of own) taken.add(host)
    return own.length === 0 ? [] : [{ hosts: own.filter((host) => host !== ''), ...rest }]
  })
}

/** Why the two cannot serve TLS; undefined when they can. */
function certificateTrouble(cert: string, key: string): string | undefined {
  try {
    const matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
    return matches ? undefined : 'tls.key does not belong to tls.crt'
  } catch {
    return 'tls.crt and tls.key must be a certificate and its private key in PEM'
  }
}
