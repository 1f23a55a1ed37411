// A cluster's block of loopback addresses: kept with the cluster, and held while it runs so that no other takes it.
import { readFile, writeFile } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import type { AddressBlock } from '../shared/addresses.ts'
import { ADDRESS_BLOCKS, addressBlock } from '../shared/addresses.ts'
import type { DataDir } from './data-dir.ts'
import { StartError } from './data-dir.ts'
import type { Running } from './machinery/room.ts'

/** Listening on this port of the block's claim address is holding the block; the kernel lets go of it with the process. */
const CLAIM_PORT = 6443

export interface AddressClaim extends Running {
  readonly block: AddressBlock
}

/**
 * Claims the block this cluster had before, or for a new cluster the first free one.
 * @throws StartError when it is taken: addresses of Services are written down in the cluster and cannot move
 */
export async function claimAddresses(dataDir: DataDir): Promise<AddressClaim> {
  const file = path.join(dataDir.path, 'address-block')
  const kept = await readKept(file)
  const candidates =
    kept === undefined ? Array.from({ length: ADDRESS_BLOCKS }, (_, i) => i) : [kept]
  for (const index of candidates) {
    const block = addressBlock(index)
    const server = await listen(block.claimIp)
    if (!server) continue
    await writeFile(file, `${index}\n`)
    return { block, close: () => new Promise((resolve) => void server.close(() => resolve())) }
  }
  throw new StartError(
    kept === undefined
      ? `All ${ADDRESS_BLOCKS} address blocks of this machine are in use by other Podiums; stop one of them.`
      : `The addresses of this cluster (${addressBlock(kept).serviceCidr}) are in use by another Podium; stop it or choose another --data-dir.`,
  )
}

async function readKept(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  const index = Number(text)
  return text !== undefined && Number.isInteger(index) && index >= 0 && index < ADDRESS_BLOCKS
    ? index
    : undefined
}

/** A server that does nothing but be there; undefined when somebody else is. */
function listen(address: string): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else if (error.code === 'EADDRNOTAVAIL') reject(noLoopback())
      else reject(error)
    })
    server.listen(CLAIM_PORT, address, () => resolve(server))
  })
}

function noLoopback(): StartError {
  return new StartError(
    'Podium needs every address of 127.0.0.0/8, which Linux has by itself; this machine answers on 127.0.0.1 only.',
  )
}
