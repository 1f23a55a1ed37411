// Which certificate a TLS client gets, by the name it asks for (SNI).
import type { SecureContext } from 'node:tls'
import { createSecureContext } from 'node:tls'
import type { Certificate } from '../routing-table.ts'
import { matchesHost } from '../routing-table.ts'

interface Held {
  hosts: readonly string[]
  context: SecureContext
}

export interface Certificates {
  use(certificates: readonly Certificate[]): void
  readonly forName: (
    name: string,
    done: (error: Error | null, context?: SecureContext) => void,
  ) => void
}

/** Exact names come before wildcards, and those before the certificate for all names. */
export function createCertificates(): Certificates {
  let held: Held[] = []
  const made = new Map<string, SecureContext>()
  return {
    use(certificates) {
      const pairs = new Set(certificates.map(({ cert, key }) => cert + key))
      for (const pair of made.keys()) if (!pairs.has(pair)) made.delete(pair)
      held = certificates.map(({ hosts, cert, key }) => {
        const context = made.get(cert + key) ?? createSecureContext({ cert, key })
        made.set(cert + key, context)
        return { hosts, context }
      })
    },
    forName(name, done) {
      const host = name.toLowerCase()
      const found =
        held.find(({ hosts }) => hosts.includes(host)) ??
        held.find(({ hosts }) => hosts.some((pattern) => matchesHost(pattern, host))) ??
        held.find(({ hosts }) => hosts.length === 0)
      done(null, found?.context)
    },
  }
}
