// list: what matches, in key order, whole or page by page, all at one revision.
import type { ListOptions } from '../../../shared/client.ts'
import { apiVersionOf, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { badRequest, gone } from '../../../shared/status.ts'
import { CompactedError, FutureRevisionError, type Entry, type Page } from '../../store/store.ts'
import { authorize } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { prefixOf } from '../keys.ts'
import { measuredEntries } from '../measured/measured.ts'
import { selectionOf, type Selection } from '../selection.ts'
import { decodeContinue, encodeContinue } from './continue.ts'
import { futureRevision, parseRevision } from './revisions.ts'

export interface ListRequest extends ListOptions {
  resourceVersionMatch?: string | undefined
}

export interface Listing {
  entries: Entry[]
  metadata: KubeList<KubeObject>['metadata']
}

export function list(
  core: Core,
  caller: Caller,
  kind: Kind,
  options: ListRequest,
): KubeList<KubeObject> {
  const { entries, metadata } = listEntries(core, caller, kind, options)
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata,
    items: entries.map((entry) => entry.value as KubeObject),
  }
}

/** The entries themselves, for those who send their bytes. */
export function listEntries(core: Core, caller: Caller, kind: Kind, options: ListRequest): Listing {
  const strategy = core.registry.of(kind)
  const { namespace } = options
  authorize(core, caller, { verb: 'list', kind: strategy.kind, namespace })
  const selection = selectionOf(strategy, options)
  if (strategy.measured) {
    const measured = measuredEntries(core, strategy, namespace)
    const entries = measured.filter(({ value }) => selection.matches(value as KubeObject))
    return { entries, metadata: {} }
  }
  const prefix = prefixOf(strategy.kind, namespace)
  const start = options.continue ? decodeContinue(options.continue, prefix) : undefined
  checkRevisionOptions(core, options, start !== undefined)
  const at = start?.revision ?? exactRevision(options)
  const limit = options.limit && options.limit > 0 ? options.limit : undefined
  try {
    return collect(core, prefix, selection, { at, after: start?.after, limit })
  } catch (error) {
    if (error instanceof CompactedError) throw tooOld(options.continue !== undefined)
    if (error instanceof FutureRevisionError) throw futureRevision(at ?? 0, core.store.revision)
    throw error
  }
}

/** The rules of resourceVersion and resourceVersionMatch (apimachinery/pkg/apis/meta/internalversion/validation). */
function checkRevisionOptions(core: Core, options: ListRequest, continues: boolean): void {
  const { resourceVersion, resourceVersionMatch: match } = options
  if (continues) {
    if (match) throw badRequest('resourceVersionMatch is forbidden when continue is provided')
    if (resourceVersion && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    return
  }
  if (match && !resourceVersion) {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided')
  }
  if (match && match !== 'Exact' && match !== 'NotOlderThan') {
    throw badRequest(
      `resourceVersionMatch: Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`,
    )
  }
  if (match === 'Exact' && resourceVersion === '0') {
    throw badRequest('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"')
  }
  const wanted = parseRevision(resourceVersion)
  if (wanted > core.store.revision) throw futureRevision(wanted, core.store.revision)
}

function exactRevision({ resourceVersion, resourceVersionMatch: match, limit }: ListRequest) {
  const revision = parseRevision(resourceVersion)
  if (revision === 0) return undefined
  return match === 'Exact' || (limit && match === undefined) ? revision : undefined
}

interface Range {
  at: number | undefined
  after: string | undefined
  limit: number | undefined
}

/** Reads pages until `limit` entries match or there are no more. */
function collect(core: Core, prefix: string, selection: Selection, range: Range): Listing {
  const { limit } = range
  let entries: Entry[] = []
  let { at, after } = range
  for (;;) {
    const wanted = limit === undefined ? undefined : limit - entries.length
    const page = core.store.list(prefix, {
      ...(after !== undefined && { after }),
      ...(wanted !== undefined && { limit: wanted }),
      ...(at !== undefined && { at }),
    })
    at ??= page.revision
    const found = selection.everything
      ? page.entries
      : page.entries.filter(({ value }) => selection.matches(value as KubeObject))
    entries = entries.length === 0 ? found : entries.concat(found)
    after = page.entries.at(-1)?.key
    if (page.remaining === 0 || limit === undefined || after === undefined) {
      return { entries, metadata: { resourceVersion: String(at) } }
    }
    if (entries.length >= limit) return partial(prefix, entries, selection, page, at, after)
  }
}

function partial(
  prefix: string,
  entries: Entry[],
  selection: Selection,
  page: Page,
  revision: number,
  after: string,
): Listing {
  return {
    entries,
    metadata: {
      resourceVersion: String(revision),
      continue: encodeContinue({ revision, after: after.slice(prefix.length) }),
      ...(selection.everything && { remainingItemCount: page.remaining }),
    },
  }
}

function tooOld(continued: boolean) {
  return gone(
    continued
      ? 'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.'
      : 'The resourceVersion for the provided list is too old.',
  )
}
