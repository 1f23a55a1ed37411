// What the view shows, in the page's address: a link shows the same table.
import { navigate, useSearch } from 'wouter/use-browser-location'

export interface Choice {
  /** `pods`, `deployments.apps`. */
  kind: string
  /** null: all of them. */
  namespace: string | null
  /** Words that each row shown contains. */
  find: string
}

const FIRST_KIND = 'pods'

/** Of an address's query, with or without `?`. */
export function parseChoice(search: string): Choice {
  const query = new URLSearchParams(search)
  return {
    kind: query.get('kind') ?? FIRST_KIND,
    namespace: query.get('namespace'),
    find: query.get('find') ?? '',
  }
}

/** `search` with that choice instead of its own; everything else in it stays. */
export function withChoice(search: string, { kind, namespace, find }: Choice): string {
  const query = new URLSearchParams(search)
  const put = (name: string, value: string | null): void =>
    value ? query.set(name, value) : query.delete(name)
  put('kind', kind === FIRST_KIND ? null : kind)
  put('namespace', namespace)
  put('find', find)
  const text = query.toString().replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}

/** What is shown, and the way to show something else. Choosing is no step of the browser's history. */
export function useChoice(): [Choice, (change: Partial<Choice>) => void] {
  const choice = parseChoice(useSearch())
  const choose = (change: Partial<Choice>): void => {
    const { pathname, search } = window.location
    navigate(pathname + withChoice(search, { ...parseChoice(search), ...change }), {
      replace: true,
    })
  }
  return [choice, choose]
}
