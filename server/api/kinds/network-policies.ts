// NetworkPolicies are checked and kept, and their writers told that nothing enforces them here
// (pkg/apis/networking: v1/defaults.go, validation/validation.go).
import { BlockList, isIP } from 'node:net'
import { networkPolicies } from '../../../shared/kubernetes/kinds.ts'
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
} from '../../../shared/kubernetes/network-policy.ts'
import { selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, invalid, notSupported, required } from './rules/causes.ts'
import { follows, nameFollows, protocolCauses, selectorFollows } from './rules/fields.ts'
import { isPort, PORT_RANGE, portName, subdomain } from './rules/names.ts'
import { ageColumn, nameColumn, NONE, text } from './rules/print.ts'
import type { Strategy, StrategyContext } from './strategy.ts'

const NOT_ENFORCED =
  'NetworkPolicy is kept but not enforced by Podium: pods are processes of one machine, and every pod can reach every other'

const TYPES = ['Egress', 'Ingress']

interface Block {
  address: string
  family: 'ipv4' | 'ipv6'
  prefix: number
}

function blockOf(text: string): Block | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(address)
  const prefix = Number(digits)
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', prefix }
}

/** All of `inner` lies in `outer`, and is not all of it. */
function isWithin(inner: Block, outer: Block): boolean {
  if (inner.family !== outer.family || inner.prefix <= outer.prefix) return false
  const list = new BlockList()
  list.addSubnet(outer.address, outer.prefix, outer.family)
  return list.check(inner.address, inner.family)
}

const NO_BLOCK = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

function blockCauses({ cidr, except = [] }: Partial<IPBlock>, at: string): StatusCause[] {
  if (!cidr) return [required(`${at}.cidr`)]
  const outer = blockOf(cidr)
  if (!outer) return [invalid(`${at}.cidr`, cidr, NO_BLOCK)]
  return except.flatMap((each, i) => {
    const inner = blockOf(each)
    if (!inner) return [invalid(`${at}.except[${i}]`, each, NO_BLOCK)]
    if (isWithin(inner, outer)) return []
    return [invalid(`${at}.except[${i}]`, each, 'must be a strict subset of `cidr`')]
  })
}

function peerCauses(peer: NetworkPolicyPeer, at: string): StatusCause[] {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const causes = [
    ...(podSelector ? selectorFollows(`${at}.podSelector`, podSelector) : []),
    ...(namespaceSelector ? selectorFollows(`${at}.namespaceSelector`, namespaceSelector) : []),
    ...(ipBlock ? blockCauses(ipBlock, `${at}.ipBlock`) : []),
  ]
  if (!podSelector && !namespaceSelector && !ipBlock) {
    causes.push(required(at, 'must specify a peer'))
  } else if (ipBlock && (podSelector || namespaceSelector)) {
    causes.push(forbidden(at, 'may not specify both ipBlock and another peer'))
  }
  return causes
}

function portCauses({ protocol, port, endPort }: NetworkPolicyPort, at: string): StatusCause[] {
  const causes = protocolCauses(`${at}.protocol`, protocol)
  const end = (why: string) => invalid(`${at}.endPort`, endPort, why)
  if (typeof port === 'number') {
    if (!isPort(port)) causes.push(invalid(`${at}.port`, port, PORT_RANGE))
    if (endPort !== undefined && endPort < port) {
      causes.push(end('must be greater than or equal to `port`'))
    } else if (endPort !== undefined && !isPort(endPort)) causes.push(end(PORT_RANGE))
  } else if (typeof port === 'string') {
    causes.push(...follows(portName, `${at}.port`, port))
    if (endPort !== undefined) causes.push(end('may not be specified when `port` is non-numeric'))
  } else if (endPort !== undefined) {
    causes.push(end('may not be specified when `port` is not specified'))
  }
  return causes
}

function ruleCauses({ ports = [], ...peers }: NetworkPolicyRule, at: string): StatusCause[] {
  return [
    ...ports.flatMap((port, i) => portCauses(port, `${at}.ports[${i}]`)),
    ...(['from', 'to'] as const).flatMap((side) =>
      (peers[side] ?? []).flatMap((peer, i) => peerCauses(peer, `${at}.${side}[${i}]`)),
    ),
  ]
}

function specCauses({ spec = {} }: NetworkPolicy): StatusCause[] {
  const { podSelector = {}, ingress = [], egress = [], policyTypes = [] } = spec
  const types =
    policyTypes.length > 2
      ? [invalid('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes')]
      : policyTypes.flatMap((type, i) =>
          TYPES.includes(type) ? [] : [notSupported(`spec.policyTypes[${i}]`, type, TYPES)],
        )
  return [
    ...selectorFollows('spec.podSelector', podSelector),
    ...ingress.flatMap((rule, i) => ruleCauses(rule, `spec.ingress[${i}]`)),
    ...egress.flatMap((rule, i) => ruleCauses(rule, `spec.egress[${i}]`)),
    ...types,
  ]
}

const say = (_: NetworkPolicy, { warn }: StrategyContext): void => warn(NOT_ENFORCED)

export const networkPolicyStrategy: Strategy<NetworkPolicy> = {
  kind: networkPolicies,
  subresources: [],
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Pod-Selector', ({ spec }) => selectorText(spec?.podSelector ?? {}) || NONE),
    ageColumn,
  ],
  default(policy) {
    policy.spec ??= {}
    const { spec } = policy
    spec.podSelector ??= {}
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports) port.protocol ??= 'TCP'
    }
    if (!spec.policyTypes?.length) {
      spec.policyTypes = ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])]
    }
  },
  prepareForCreate: say,
  prepareForUpdate: (policy, _, context) => say(policy, context),
  validate: (policy) => [...nameFollows(subdomain, policy), ...specCauses(policy)],
}
