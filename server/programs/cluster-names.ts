// Finds Services by name where the system's resolver does not know of the cluster: at PODIUM_DNS.
import { lookup, promises } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'

/**
 * A `lookup` for net.connect that asks PODIUM_DNS first, with the domains of the pod's namespace; undefined where a
 * container's own /etc/resolv.conf does that.
 */
export function clusterLookup(env: NodeJS.ProcessEnv = process.env): LookupFunction | undefined {
  const { PODIUM_DNS: server, POD_NAMESPACE: namespace, PODIUM_ROOT: root } = env
  if (server === undefined || namespace === undefined || root === '/') return undefined
  const resolver = new promises.Resolver({ timeout: 2000, tries: 2 })
  resolver.setServers([server])
  const domains = [`.${namespace}.svc.cluster.local`, '.svc.cluster.local', '.cluster.local', '']
  return (name, options, done) => {
    const tryFrom = async (at: number): Promise<void> => {
      const domain = domains[at]
      if (domain === undefined || isIP(name) > 0) return lookup(name, options, done)
      try {
        const [address = '', ...more] = await resolver.resolve4(`${name}${domain}`)
        const all = [address, ...more].map((one) => ({ address: one, family: 4 }))
        if (options.all) done(null, all)
        else done(null, address, 4)
      } catch {
        await tryFrom(at + 1)
      }
    }
    void tryFrom(0)
  }
}
