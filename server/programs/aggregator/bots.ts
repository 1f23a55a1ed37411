// Which loadbots there are, and a reader for each.
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { BotReader, type BotAddress } from './bot-reader.ts'
import type { Tally } from './tally.ts'

/** Loadbots by a name that is theirs for life: the uid of the pod, or an address given by hand. */
export type BotAddresses = ReadonlyMap<string, BotAddress>

/** The pods that may run a loadbot now. */
export function addressesOf(pods: Iterable<Pod>, port: number): BotAddresses {
  const addresses = new Map<string, BotAddress>()
  for (const { metadata, status } of pods) {
    if (status?.phase !== 'Running' || !status.podIP) continue
    addresses.set(metadata.uid ?? metadata.name ?? '', {
      name: metadata.name ?? '',
      host: status.podIP,
      port,
    })
  }
  return addresses
}

/** Keeps one reader open for every loadbot. */
export class Bots {
  private readonly tally: Tally
  private readonly epoch: string
  private readonly readers = new Map<string, BotReader>()
  private readonly leaving = new Set<BotReader>()

  constructor(tally: Tally, epoch: string) {
    this.tally = tally
    this.epoch = epoch
  }

  /** Opens readers for loadbots that are new and closes those of loadbots that are gone; `now` in ms since the epoch. */
  follow(addresses: BotAddresses, now: number): void {
    for (const [id, reader] of this.readers) {
      const address = addresses.get(id)
      if (address?.host === reader.address.host && address.port === reader.address.port) continue
      this.readers.delete(id)
      this.leaving.add(reader)
      reader.release((uid) => {
        this.leaving.delete(reader)
        if (uid !== null) this.tally.gone(uid, now)
      })
    }
    for (const [id, address] of addresses) {
      if (this.readers.has(id)) continue
      const reader = new BotReader(address, this.epoch, (report) => this.tally.report(report))
      this.readers.set(id, reader)
    }
  }

  /** Every loadbot that is followed. */
  addresses(): BotAddress[] {
    return [...this.readers.values()].map((reader) => reader.address)
  }

  /** The pods that do not answer. */
  unreachable(): string[] {
    return [...this.readers.values()]
      .filter((reader) => reader.unreachable)
      .map((reader) => reader.address.name)
  }

  close(): void {
    for (const reader of [...this.readers.values(), ...this.leaving]) reader.close()
    this.readers.clear()
  }
}
