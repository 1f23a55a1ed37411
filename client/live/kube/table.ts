// metav1.Table: what `kubectl get` shows, kept up to date row by row. Pure.
import type { ObjectMeta } from '../../../shared/kubernetes/meta.ts'

export interface TableColumn {
  name: string
  type: string
  format?: string
  description?: string
  /** 0 is always shown; above it, only when there is room (`-o wide`). */
  priority: number
}

export interface TableRow {
  cells: unknown[]
  object: { metadata: ObjectMeta }
}

export interface Table {
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  columnDefinitions: TableColumn[]
  rows: TableRow[]
}

/** `namespace/name` of a row. */
export function rowKey({ object: { metadata } }: TableRow): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : (metadata.name ?? '')
}
