import { expect, test } from 'vitest'
import { ADDRESS_BLOCKS, addressBlock, nodeAddresses, NODES_PER_BLOCK } from './addresses.ts'

test('no two nodes of any two blocks share an address or a pod network', () => {
  const seen = new Set<string>()
  for (let block = 0; block < ADDRESS_BLOCKS; block++) {
    seen.add(addressBlock(block).serviceCidr.replace('.0.0/16', ''))
    for (let index = 0; index < NODES_PER_BLOCK; index++) {
      const { internalIP, podCIDR } = nodeAddresses(block, index)
      seen.add(internalIP).add(podCIDR)
    }
  }
  expect(seen.size).toBe(ADDRESS_BLOCKS * (2 * NODES_PER_BLOCK + 1))
})

test('a node has an address in its block', () => {
  expect(nodeAddresses(0, 0)).toEqual({ internalIP: '127.32.0.1', podCIDR: '127.64.0.0/24' })
  expect(nodeAddresses(1, 255)).toEqual({ internalIP: '127.49.0.255', podCIDR: '127.68.255.0/24' })
  expect(addressBlock(2).kubernetesIp).toBe('127.98.0.1')
})
