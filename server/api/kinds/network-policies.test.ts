import { expect, it } from 'vitest'
import type { NetworkPolicy } from '../../../shared/kubernetes/network-policy.ts'
import { networkPolicyStrategy as strategy } from './network-policies.ts'
import { contextOver } from './testing/samples.ts'

const policy = (spec: NetworkPolicy['spec'] = {}): NetworkPolicy => {
  const object = { metadata: { name: 'a', namespace: 'default' }, spec }
  strategy.default?.(object)
  return object
}

const said = (spec: NetworkPolicy['spec']): string[] =>
  strategy.validate(policy(spec), contextOver()).map(({ field, message }) => `${field}: ${message}`)

it('is about what comes in, and about what goes out when it says so', () => {
  expect(policy().spec?.policyTypes).toEqual(['Ingress'])
  expect(policy({ egress: [{}] }).spec?.policyTypes).toEqual(['Ingress', 'Egress'])
  expect(policy({ policyTypes: ['Egress'] }).spec?.policyTypes).toEqual(['Egress'])
  expect(policy({ ingress: [{ ports: [{ port: 80 }] }] }).spec?.ingress).toEqual([
    { ports: [{ port: 80, protocol: 'TCP' }] },
  ])
})

it('tells its writer that nothing enforces it', () => {
  const warnings: string[] = []
  strategy.prepareForCreate?.(policy(), contextOver([], warnings))
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('not enforced')
})

it.each([
  [{ ingress: [{ from: [{}] }] }, 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [
    { egress: [{ to: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] },
    'spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  [
    { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0' } }] }] },
    'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] }] },
    'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
  ],
  [
    { ingress: [{ ports: [{ port: 80, endPort: 79 }] }] },
    'spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`',
  ],
  [
    { ingress: [{ ports: [{ port: 'web', endPort: 79 }] }] },
    'spec.ingress[0].ports[0].endPort: Invalid value: 79: may not be specified when `port` is non-numeric',
  ],
  [
    { ingress: [{ ports: [{ protocol: 'ICMP' }] }] },
    'spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    { policyTypes: ['Both'] },
    'spec.policyTypes[0]: Unsupported value: "Both": supported values: "Egress", "Ingress"',
  ],
])('refuses %j', (spec, cause) => {
  expect(said(spec)).toEqual([cause])
})

it('takes blocks with holes in them', () => {
  const block = { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/32'] }
  const six = { cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] }
  expect(said({ egress: [{ to: [{ ipBlock: block }, { ipBlock: six }] }] })).toEqual([])
})
