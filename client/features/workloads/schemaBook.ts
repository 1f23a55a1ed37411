// The cluster's schemas, read when a text first speaks of their group.
import { kube } from '../../live/kubernetes.ts'
import { schemaOf } from './schema.ts'
import type { Schema, Schemas } from './schema.ts'

interface Index {
  paths: Record<string, { serverRelativeURL: string }>
}

export interface KindSchema {
  root: Schema
  schemas: Schemas
}

export interface SchemaBook {
  /** The schema of a kind; null: the cluster has none, undefined: it does not answer. */
  find(apiVersion: string, kind: string): Promise<KindSchema | null | undefined>
}

/** A book for as long as an editor is open. */
export function openSchemaBook(): SchemaBook {
  let index: Promise<Index> | undefined
  const groups = new Map<string, Promise<Schemas>>()
  const read = async (path: string): Promise<Schemas> => {
    index ??= kube.getPath<Index>('/openapi/v3')
    const entry = (await index).paths[path]
    if (!entry) return {}
    const document = await kube.getPath<{ components?: { schemas?: Schemas } }>(
      entry.serverRelativeURL,
    )
    return document.components?.schemas ?? {}
  }
  const schemasOf = (apiVersion: string): Promise<Schemas> => {
    const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`
    const held = groups.get(path) ?? read(path)
    groups.set(path, held)
    return held
  }
  return {
    async find(apiVersion, kind) {
      try {
        const schemas = await schemasOf(apiVersion)
        const root = schemaOf(schemas, apiVersion, kind)
        return root ? { root, schemas } : null
      } catch {
        // Without schemas a text can still be written; the API checks it.
        index = undefined
        groups.clear()
        return undefined
      }
    },
  }
}
