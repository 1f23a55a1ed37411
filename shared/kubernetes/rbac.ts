// rbac.authorization.k8s.io/v1: who may do what.
import type { KubeObject, LabelSelector } from './meta.ts'

/** One rule speaks of resources or of paths, never of both. `*` stands for all. */
export interface PolicyRule {
  verbs?: string[]
  apiGroups?: string[]
  /** `pods`, `pods/log`, or `*` followed by a subresource for that of any resource. */
  resources?: string[]
  /** None: objects of any name. */
  resourceNames?: string[]
  /** Paths that are no objects; a `*` at the end stands for any rest. */
  nonResourceURLs?: string[]
}

export interface Role extends KubeObject {
  rules?: PolicyRule[]
}

export interface ClusterRole extends Role {
  /** The rules are those of all ClusterRoles that one of these selects. */
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] }
}

export interface RoleRef {
  apiGroup: string
  kind: string
  name: string
}

export interface Subject {
  /** User, Group or ServiceAccount. */
  kind: string
  apiGroup?: string
  name: string
  /** Of a ServiceAccount. */
  namespace?: string
}

/** A RoleBinding grants within its namespace, a ClusterRoleBinding everywhere. */
export interface RoleBinding extends KubeObject {
  subjects?: Subject[]
  roleRef: RoleRef
}

export type ClusterRoleBinding = RoleBinding

export const RBAC_GROUP = 'rbac.authorization.k8s.io'
