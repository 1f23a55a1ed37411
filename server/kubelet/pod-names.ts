// What a pod calls itself and how it finds others by name: /etc/hostname, /etc/hosts and /etc/resolv.conf
// (kubelet: network/dns/dns.go, kubelet_pods.go). Pure: the machine's own file is handed in.
import type { Pod } from '../../shared/kubernetes/pod.ts'

/** Where the cluster's names are asked for. */
export interface ClusterDns {
  address: string
  port: number
}

const CLUSTER_DOMAIN = 'cluster.local'
/** The only port that resolv.conf(5) knows. */
const DNS_PORT = 53
/** A label of a name holds no more. */
const MAX_HOSTNAME = 63

/** What the pod's processes are called: its name, cut to what a host name may be. */
export function hostnameOf({ spec, metadata }: Pod): string {
  const name = spec.hostname ?? metadata.name ?? ''
  return name.slice(0, MAX_HOSTNAME).replace(/[-.]+$/, '')
}

/** /etc/hosts */
export function hostsFile(pod: Pod, podIP: string): string {
  const { subdomain, hostAliases = [] } = pod.spec
  const hostname = hostnameOf(pod)
  const domain = `${pod.metadata.namespace}.svc.${CLUSTER_DOMAIN}`
  const names = subdomain ? [`${hostname}.${subdomain}.${domain}`, hostname] : [hostname]
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    [podIP, ...names].join('\t'),
  ]
  if (hostAliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.')
    for (const { ip, hostnames = [] } of hostAliases) lines.push([ip, ...hostnames].join('\t'))
  }
  return `${lines.join('\n')}\n`
}

interface Resolver {
  nameservers: string[]
  searches: string[]
  options: string[]
}

/**
 * /etc/resolv.conf. Where the cluster's names are asked for at a port that the file cannot say, it is the machine's, as
 * with a kubelet that knows of no cluster DNS.
 * @param machine the machine's own /etc/resolv.conf
 */
export function resolverFile(
  { spec, metadata }: Pod,
  { clusterDns, machine }: { clusterDns: ClusterDns | undefined; machine: string },
): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig = {}, hostNetwork } = spec
  const outer = parsed(machine)
  const wantsCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork)
  let base: Resolver = outer
  if (dnsPolicy === 'None') base = { nameservers: [], searches: [], options: [] }
  else if (wantsCluster && clusterDns?.port === DNS_PORT) {
    const own = [`${metadata.namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`]
    base = {
      nameservers: [clusterDns.address],
      searches: unique([...own, CLUSTER_DOMAIN, ...outer.searches]),
      options: ['ndots:5'],
    }
  }
  const options = (dnsConfig.options ?? []).map(({ name = '', value }) =>
    value === undefined ? name : `${name}:${value}`,
  )
  return written({
    nameservers: unique([...base.nameservers, ...(dnsConfig.nameservers ?? [])]),
    searches: unique([...base.searches, ...(dnsConfig.searches ?? [])]),
    options: merged(base.options, options),
  })
}

function parsed(text: string): Resolver {
  const found: Resolver = { nameservers: [], searches: [], options: [] }
  for (const line of text.split('\n')) {
    const [word, ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver') found.nameservers.push(...rest.slice(0, 1))
    // The last such line holds (resolv.conf(5)).
    else if (word === 'search') found.searches = rest.filter((domain) => domain !== '.')
    else if (word === 'options') found.options.push(...rest)
  }
  return found
}

function written({ nameservers, searches, options }: Resolver): string {
  return [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}\n`] : []),
    ...nameservers.map((address) => `nameserver ${address}\n`),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('')
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}

/** An option of the pod's replaces one of the same name. */
function merged(base: readonly string[], own: readonly string[]): string[] {
  const nameOf = (option: string): string => option.split(':')[0] ?? ''
  const named = new Map([...base, ...own].map((option) => [nameOf(option), option]))
  return [...named.values()]
}
