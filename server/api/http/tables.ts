// metav1.Table: the columns and cells that `kubectl get` prints, made by the server.
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../../shared/kubernetes/meta.ts'
import { badRequest } from '../../../shared/status.ts'
import { throughFace } from '../faces.ts'
import type { Strategy } from '../kinds/strategy.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** @throws ApiError 400 */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') || 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(
    `unrecognized includeObject value: ${JSON.stringify(value)}, must be one of: None, Metadata, Object`,
  )
}

export interface TableOptions {
  version: string
  include: IncludeObject
  now: number
  /** A watch names the columns only once. */
  headers: boolean
}

export function tableOf(
  strategy: Strategy,
  objects: readonly KubeObject[],
  metadata: KubeList<KubeObject>['metadata'],
  options: TableOptions,
): object {
  const { version, include, now, headers } = options
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: headers ? strategy.columns.map(definitionOf) : [],
    rows: objects.map((object) => ({
      cells: strategy.columns.map((column) => column.cell(object, now)),
      object: rowObject(strategy, object, include, version),
    })),
  }
}

function definitionOf({ name, type, format, description, priority }: Strategy['columns'][number]) {
  return {
    name,
    type: type === 'date' ? 'string' : type,
    format: format ?? '',
    description: description ?? '',
    priority: priority ?? 0,
  }
}

function rowObject(
  { face }: Strategy,
  object: KubeObject,
  include: IncludeObject,
  version: string,
): object | null {
  if (include === 'None') return null
  if (include === 'Object') return throughFace(face, object)
  // Who manages what is not for tables: clients that print them leave it out, and it would be most of the answer.
  const { managedFields: _, ...metadata } = object.metadata
  return partialOf({ ...object, metadata }, version)
}

/** PartialObjectMetadata: an object reduced to its metadata. */
export function partialOf(object: KubeObject, version: string): KubeObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata,
  }
}

export function partialListOf(
  objects: readonly KubeObject[],
  metadata: KubeList<KubeObject>['metadata'],
  version: string,
): object {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    items: objects.map((object) => partialOf(object, version)),
  }
}

/** A list's own head, in front of its items. */
export function listHead({ kind }: Strategy, metadata: KubeList<KubeObject>['metadata']): string {
  const head = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata }
  return `${JSON.stringify(head).slice(0, -1)},"items":[`
}
