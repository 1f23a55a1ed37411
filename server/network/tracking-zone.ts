// A Podium's connections to Services are tracked apart from those of every Podium before it.
//
// The kernel remembers a connection that ended badly (both ends killed with bytes on their way) as established, for minutes or
// days: a reset whose sequence number is not the very next one changes nothing (nf_conntrack_proto_tcp.c). A cluster started
// again has the same addresses; a new connection from the same address and port would follow that memory to a pod that is long
// gone, and be refused.
import { randomInt } from 'node:crypto'
import type { Chains, Owner } from './iptables-rules.ts'
import { ownerComment } from './iptables-rules.ts'

/** A zone no other run has, but for one chance in 65,535. */
export function newZone(): number {
  return randomInt(1, 65_536)
}

/**
 * The input that puts connections to addresses in `serviceCidr` into `zone` by what the client sends. What pods send back stays
 * in the common zone: pods also talk to others, and their packets need no rule of ours this way (iptables-extensions(8), CT).
 */
export function zoneRules(chains: Chains, owner: Owner, serviceCidr: string, zone: number): string {
  return [
    '*raw',
    `:${chains.tracking} - [0:0]`,
    `-A OUTPUT -d ${serviceCidr} ${ownerComment(owner)} -j ${chains.tracking}`,
    `-A ${chains.tracking} -j CT --zone-orig ${zone}`,
    'COMMIT',
    '',
  ].join('\n')
}
