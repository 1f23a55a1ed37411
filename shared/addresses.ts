// Where a cluster's addresses lie in 127.0.0.0/8. Several clusters run on one machine side by side, each in a block of
// its own, for there is only one loopback interface.

/** How many blocks there are. */
export const ADDRESS_BLOCKS = 8
/** Real and simulated nodes that one block has room for. */
export const NODES_PER_BLOCK = 1024

export interface AddressBlock {
  /** 0 … ADDRESS_BLOCKS - 1 */
  readonly index: number
  /** Virtual addresses of Services, a /16. */
  readonly serviceCidr: string
  /** The Service `kubernetes`. */
  readonly kubernetesIp: string
  /** The Service `kube-dns`: where pods ask for names. */
  readonly dnsIp: string
  /** Never given to a Service: whoever listens here holds the block. */
  readonly claimIp: string
  /** What the addresses of nodes lie in. */
  readonly nodeCidrs: readonly string[]
}

/** The block of that index: nodes at 127.32+, pods at 127.64+, services at 127.96+. */
export function addressBlock(index: number): AddressBlock {
  const services = `127.${96 + index}`
  return {
    index,
    serviceCidr: `${services}.0.0/16`,
    kubernetesIp: `${services}.0.1`,
    dnsIp: `${services}.0.10`,
    claimIp: `${services}.255.255`,
    nodeCidrs: [`127.${32 + index}.0.0/16`, `127.${48 + index}.0.0/16`],
  }
}

/**
 * Node i (0-based, below NODES_PER_BLOCK) of a block: its own address, and the network of its pods.
 */
export function nodeAddresses(
  block: number,
  index: number,
): { internalIP: string; podCIDR: string } {
  const [high, low] = [index >> 8, index & 255]
  // 255 + 1 is no number of an address: the 256th node of each 256 lives next door.
  const internalIP =
    low === 255 ? `127.${48 + block}.${high}.255` : `127.${32 + block}.${high}.${low + 1}`
  return { internalIP, podCIDR: `127.${64 + 4 * block + high}.${low}.0/24` }
}
