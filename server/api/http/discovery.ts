// What this API serves, for clients that ask first (apiserver/pkg/endpoints/discovery, KEP-3352).
import { apiVersionOf, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { Strategy } from '../kinds/strategy.ts'
import type { Registry } from '../registry.ts'

const OBJECT_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

const MEASURED_VERBS = ['get', 'list']

const REVIEW_VERBS = ['create']

function verbsOf({ measured, review }: Strategy): readonly string[] {
  if (review) return REVIEW_VERBS
  return measured ? MEASURED_VERBS : OBJECT_VERBS
}

interface Below {
  verbs: readonly string[]
  /** The kind it speaks in, where that is not the object's own. */
  kind?: { group: string; version: string; kind: string }
}

const WRITES = ['get', 'patch', 'update']
const PROXIED = ['create', 'delete', 'get', 'patch', 'update']
const core = (kind: string) => ({ group: '', version: 'v1', kind })

const SUBRESOURCES: Readonly<Record<string, (kind: Kind) => Below>> = {
  status: () => ({ verbs: WRITES }),
  scale: () => ({ verbs: WRITES, kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } }),
  approval: () => ({ verbs: WRITES }),
  finalize: () => ({ verbs: ['update'] }),
  ephemeralcontainers: () => ({ verbs: WRITES }),
  log: () => ({ verbs: ['get'] }),
  exec: () => ({ verbs: ['create', 'get'], kind: core('PodExecOptions') }),
  attach: () => ({ verbs: ['create', 'get'], kind: core('PodAttachOptions') }),
  portforward: () => ({ verbs: ['create', 'get'], kind: core('PodPortForwardOptions') }),
  binding: () => ({ verbs: ['create'], kind: core('Binding') }),
  eviction: () => ({
    verbs: ['create'],
    kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
  }),
  token: () => ({
    verbs: ['create'],
    kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  }),
  requests_per_second: () => ({ verbs: ['get'] }),
  proxy: ({ kind }) => ({ verbs: PROXIED, kind: core(`${kind}ProxyOptions`) }),
}

/** The subresources that are served; those that are refused by name are not announced. */
function subresourcesOf(strategy: Strategy): (Below & { name: string })[] {
  return strategy.subresources.flatMap((name) => {
    const describe = Object.hasOwn(SUBRESOURCES, name) ? SUBRESOURCES[name] : undefined
    return describe ? [{ name, ...describe(strategy.kind) }] : []
  })
}

interface GroupVersion {
  group: string
  version: string
}

function groupVersions(registry: Registry): GroupVersion[] {
  const found = new Map<string, GroupVersion>()
  for (const { kind } of registry.served) found.set(apiVersionOf(kind), kind)
  return [...found.values()].map(({ group, version }) => ({ group, version }))
}

function strategiesOf(registry: Registry, { group, version }: GroupVersion): Strategy[] {
  return registry.served.filter(({ kind }) => kind.group === group && kind.version === version)
}

/** GET /api */
export function legacyVersions(serverAddress: string): object {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }]
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs }
}

/** GET /apis */
export function groupList(registry: Registry): object {
  const names = new Set(groupVersions(registry).map(({ group }) => group))
  names.delete('')
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [...names].map((name) => groupBody(registry, name)),
  }
}

/** GET /apis/<group>; undefined when there is no such group. */
export function groupOf(registry: Registry, name: string): object | undefined {
  const known = name !== '' && groupVersions(registry).some(({ group }) => group === name)
  return known ? { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(registry, name) } : undefined
}

function groupBody(registry: Registry, name: string): object {
  const versions = groupVersions(registry)
    .filter(({ group }) => group === name)
    .map(({ group, version }) => ({ groupVersion: `${group}/${version}`, version }))
  return { name, versions, preferredVersion: versions[0] }
}

/** GET /api/v1, /apis/<group>/<version>; undefined when nothing is served there. */
export function resourceList(registry: Registry, wanted: GroupVersion): object | undefined {
  const strategies = strategiesOf(registry, wanted)
  if (strategies.length === 0) return undefined
  const { group, version } = wanted
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group ? `${group}/${version}` : version,
    resources: strategies.flatMap(resourcesOf),
  }
}

const isListed = ({ measured }: Strategy): boolean => !measured || measured.list !== undefined

function resourcesOf(strategy: Strategy): object[] {
  const { kind, categories } = strategy
  const own = {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: verbsOf(strategy),
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(categories?.length && { categories }),
  }
  const below = subresourcesOf(strategy).map(({ name, verbs, kind: speaks }) => ({
    name: `${kind.plural}/${name}`,
    singularName: '',
    namespaced: kind.namespaced,
    ...(speaks?.group && { group: speaks.group, version: speaks.version }),
    kind: speaks?.kind ?? kind.kind,
    verbs,
  }))
  // Of some kinds there is only what stands below a name.
  return isListed(strategy) ? [own, ...below] : below
}

export const AGGREGATED_FORMS = ['v2', 'v2beta1'].map(
  (version) => `APIGroupDiscoveryList/apidiscovery.k8s.io/${version}`,
)

/** All of discovery in one answer: the core group for /api, the others for /apis. */
export function aggregated(registry: Registry, form: string, ofCore: boolean): object {
  const wanted = groupVersions(registry).filter(({ group }) => (group === '') === ofCore)
  const names = [...new Set(wanted.map(({ group }) => group))]
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${form}`,
    metadata: {},
    items: names.map((name) => ({
      metadata: { ...(name && { name }), creationTimestamp: null },
      versions: wanted
        .filter(({ group }) => group === name)
        .map((groupVersion) => ({
          version: groupVersion.version,
          freshness: 'Current',
          resources: strategiesOf(registry, groupVersion).filter(isListed).map(aggregatedResource),
        })),
    })),
  }
}

function aggregatedResource(strategy: Strategy): object {
  const { kind, categories } = strategy
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind }
  const subresources = subresourcesOf(strategy).map(({ name, verbs, kind: speaks }) => ({
    subresource: name,
    responseKind: speaks ?? responseKind,
    verbs,
  }))
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(strategy),
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(categories?.length && { categories }),
    ...(subresources.length > 0 && { subresources }),
  }
}
