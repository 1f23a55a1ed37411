// What is looked into: one object of the cluster, named in the page's address (`?inspect=pods/default/nginx-abc`), so
// that a link shows it, Back closes it, and every view can open it.
import { useMemo } from 'react'
import { navigate, useSearch } from 'wouter/use-browser-location'
import type { Kind } from '../../shared/kubernetes/kinds.ts'

/** One object of the cluster. */
export interface Selection {
  /** As kubectl names a type: `pods`, `deployments.apps`. */
  kind: string
  /** null for what has none, such as a node. */
  namespace: string | null
  name: string
}

/** Not one object, but why requests failed. */
export const FAILURES: Selection = { kind: 'failures', namespace: null, name: 'all' }

const PARAMETER = 'inspect'

/** `deployments.apps` or `pods`: what names a kind in a selection. */
export function resourceName({ plural, group }: Pick<Kind, 'plural' | 'group'>): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** `pods/default/nginx-abc` or `nodes/node-1`; null for anything else. */
export function parseSelection(text: string | null): Selection | null {
  const parts = text?.split('/') ?? []
  if (parts.includes('')) return null
  const [kind, second, third] = parts
  if (!kind || !second || parts.length > 3) return null
  return third === undefined
    ? { kind, namespace: null, name: second }
    : { kind, namespace: second, name: third }
}

/** The reverse of `parseSelection`. */
export function formatSelection({ kind, namespace, name }: Selection): string {
  return namespace === null ? `${kind}/${name}` : `${kind}/${namespace}/${name}`
}

/** `search` (the address's query, with or without `?`) with that selection instead of its own. */
export function withSelection(search: string, selection: Selection | null): string {
  const query = new URLSearchParams(search)
  query.delete(PARAMETER)
  if (selection) query.set(PARAMETER, formatSelection(selection))
  // A slash is allowed in a query, and an address is read by people.
  const text = query.toString().replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

/** What is looked into now; the same object as long as the address says the same. */
export function useSelection(): Selection | null {
  const text = new URLSearchParams(useSearch()).get(PARAMETER)
  return useMemo(() => parseSelection(text), [text])
}

/** Looks into that object; null closes. Looking from one to the next is one step of the browser's history. */
export function select(selection: Selection | null): void {
  const { pathname, search } = window.location
  const next = withSelection(search, selection)
  if (next === search) return
  const isOpen = new URLSearchParams(search).has(PARAMETER)
  navigate(pathname + next, { replace: isOpen && selection !== null })
}
