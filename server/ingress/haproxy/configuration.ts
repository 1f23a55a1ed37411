// HAProxy's configuration for a routing table. Pure. Names and paths come from users: what HAProxy reads as syntax is
// escaped, and nothing else reaches the file.
import { createHash } from 'node:crypto'
import { HTTP_PORT, HTTPS_PORT } from '../data-plane.ts'
import type { Backend, RoutingRule, RoutingTable } from '../routing-table.ts'
import { withoutEndSlash } from '../routing-table.ts'

/** One word of the configuration (HAProxy configuration manual, 2.2 "Quoting and escaping"). */
function word(text: string): string {
  const encoded = text.replace(/[^\x21-\x7e]/gu, (sign) => encodeURIComponent(sign))
  return encoded.replace(/[\\"'#$]/g, (sign) => `\\${sign}`)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&')

function hostTest(host: string): string {
  if (host === '') return ''
  if (!host.startsWith('*.')) return `{ var(txn.host) -m str ${word(host)} } `
  return `{ var(txn.host) -m reg ${word(`^[^.]+${escaped(host.slice(1))}$`)} } `
}

function pathTests({ path, type }: RoutingRule): string[] {
  if (type === 'Exact') return [`{ path -m str -- ${word(path)} }`]
  const prefix = withoutEndSlash(path)
  if (prefix === '') return ['']
  return [`{ path -m str -- ${word(prefix)} }`, `{ path -m beg -- ${word(`${prefix}/`)} }`]
}

function ruleLines(rule: RoutingRule, backend: string): string[] {
  return pathTests(rule).map((test) => {
    const condition = `${hostTest(rule.host)}${test}`.trim()
    return `  use_backend ${backend}${condition === '' ? '' : ` if ${condition}`}`
  })
}

/** Text that HAProxy answers with, as one quoted string without format signs. */
const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]|["\\$%]/g, '')}\\n"`

const refusal = (code: number, text: string): string =>
  `http-request return status ${code} content-type text/plain string ${quoted(text)}`

function backendLines(name: string, id: string, { targets, broken }: Backend): string[] {
  if (targets.length === 0) {
    const why = broken ?? `no endpoints behind ${id}`
    return [`backend ${name}`, `  ${refusal(503, why)}`]
  }
  const servers = targets.map(({ ip, port }) => `  server ${ip}:${port} ${ip}:${port}`)
  return [`backend ${name}`, '  balance roundrobin', ...servers]
}

const BACKEND_PREFIX = 'to.'

/** The name that `default/web:80` has for HAProxy, which allows no slash: `to.default_web:80`. */
function backendName(id: string): string {
  return `${BACKEND_PREFIX}${id.replace('/', '_').replace(/[^A-Za-z0-9:._-]/g, '-')}`
}

/** Which backend of the routing table HAProxy counts under that name; undefined for a section of its own. */
export function backendId(name: string): string | undefined {
  if (!name.startsWith(BACKEND_PREFIX)) return undefined
  // Names of namespaces, Services and ports have no underscore (Kubernetes, "Object Names and IDs").
  return name.slice(BACKEND_PREFIX.length).replace('_', '/')
}

function missingCertificates(hosts: readonly string[]): string[] {
  return hosts.map(
    (host) =>
      `  http-request return status 503 content-type text/plain string ${quoted(`the certificate of ${host} is missing`)} if { ssl_fc } ${hostTest(host)}`,
  )
}

/**
 * By file name: haproxy.cfg, certificates.list, and a PEM file for each certificate. The configuration bears a fingerprint
 * of all of them as its description, so that a running HAProxy can be asked which one it goes by.
 */
export function haproxyFiles(table: RoutingTable): Record<string, string> {
  const pems = table.certificates.map(({ cert, key }, i) => [`${i}.pem`, `${cert}\n${key}`])
  // The first of the list is what clients get whose name is in none.
  const ordered = table.certificates
    .map(({ hosts }, i) => ({ hosts, line: `${i}.pem ${hosts.join(' ')}`.trim() }))
    .sort((a, b) => a.hosts.length - b.hosts.length)
  const rules = configuration(table)
  const certificates: Record<string, string> = {
    'certificates.list': `${ordered.map(({ line }) => line).join('\n')}\n`,
    ...(Object.fromEntries(pems) as Record<string, string>),
  }
  const fingerprint = createHash('sha256').update(JSON.stringify([rules, certificates]))
  const head = `global\n  description ${fingerprint.digest('hex').slice(0, 16)}\n`
  return { 'haproxy.cfg': `${head}${rules}\n`, ...certificates }
}

/** The fingerprint that a configuration bears; undefined when it is not one of ours. */
export function fingerprintOf(configurationText: string): string | undefined {
  return /^ {2}description ([0-9a-f]{16})$/m.exec(configurationText)?.[1]
}

function configuration(table: RoutingTable): string {
  const backends = Object.entries(table.backends)
  return [
    ...HEAD,
    'frontend ingress',
    `  bind "\${POD_IP}:${HTTP_PORT}"`,
    `  bind "\${POD_IP}:${HTTPS_PORT}" ssl crt-list certificates.list`,
    '  http-request set-var(txn.host) req.hdr(host),field(1,:),lower',
    '  http-request set-header X-Forwarded-For %[src]',
    '  http-request set-header X-Forwarded-Host %[req.hdr(host)]',
    '  http-request set-header X-Forwarded-Proto https if { ssl_fc }',
    '  http-request set-header X-Forwarded-Proto http unless { ssl_fc }',
    '  http-request disable-l7-retry unless { method GET HEAD OPTIONS }',
    ...missingCertificates(table.withoutCertificate),
    ...table.rules.flatMap((rule) => ruleLines(rule, backendName(rule.backend))),
    '  default_backend not-found',
    'backend not-found',
    `  ${refusal(404, 'no rule of an Ingress is for this request')}`,
    ...backends.flatMap(([id, backend]) => backendLines(backendName(id), id, backend)),
  ].join('\n')
}

const HEAD = [
  '  maxconn 4000',
  '  nbthread 1',
  '  hard-stop-after 25s',
  '  stats socket "${PODIUM_SCRATCH}/haproxy.sock" mode 600 level admin expose-fd listeners',
  'defaults',
  '  mode http',
  '  timeout connect 2s',
  '  timeout client 60s',
  '  timeout server 60s',
  '  timeout tunnel 1h',
  '  option redispatch 1',
  '  retries 3',
  // A connection that was refused carried nothing; one that broke may be tried again only for safe methods.
  '  retry-on conn-failure empty-response',
  '  http-error status 503 content-type text/plain string "no endpoint can be reached\\n"',
  '  http-error status 504 content-type text/plain string "the endpoint did not answer in time\\n"',
]
