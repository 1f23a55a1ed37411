// Which objects a list, a watch or a collection delete is about: label and field selectors.
import type { ListOptions } from '../../shared/client.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { matcherOf, parseSelector } from '../../shared/selectors.ts'
import { badRequest } from '../../shared/status.ts'
import type { Strategy } from './kinds/strategy.ts'

export interface Selection {
  matches(object: KubeObject): boolean
  /** No selector at all: every object matches. */
  readonly everything: boolean
  /** Set when the fields pin one name. */
  readonly name?: string
}

interface FieldTerm {
  field: string
  equal: boolean
  value: string
}

/**
 * The objects that `?labelSelector=` and `?fieldSelector=` ask for.
 * @throws ApiError 400 when a selector cannot be read or names a field that cannot be selected by.
 */
export function selectionOf(strategy: Strategy, options: ListOptions): Selection {
  const tests: ((object: KubeObject) => boolean)[] = []
  if (options.labelSelector?.trim()) tests.push(labelTest(options.labelSelector))
  const terms = options.fieldSelector?.trim() ? parseFields(options.fieldSelector) : []
  for (const term of terms) tests.push(fieldTest(strategy, term))
  const name = terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value
  return {
    matches: (object) => tests.every((test) => test(object)),
    everything: tests.length === 0,
    ...(name && { name }),
  }
}

function labelTest(text: string): (object: KubeObject) => boolean {
  const selector = parseSelector(text)
  if (!selector) {
    throw badRequest(`unable to parse requirement: invalid label selector "${text}"`)
  }
  const matches = matcherOf(selector)
  return (object) => matches(object.metadata.labels)
}

/** `a=b,c!=d`; commas and signs in values are escaped by a backslash (apimachinery/pkg/fields). */
function parseFields(text: string): FieldTerm[] {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? []
  return terms.map((term) => {
    const match = /^((?:\\.|[^=!\\])+)(==|=|!=)((?:\\.|[^\\])*)$/.exec(term.trim())
    if (!match) throw badRequest(`invalid field selector: ${text}; can't understand '${term}'`)
    const [, field = '', sign, value = ''] = match
    return { field, equal: sign !== '!=', value: value.replaceAll(/\\(.)/g, '$1') }
  })
}

function fieldTest(strategy: Strategy, { field, equal, value }: FieldTerm) {
  const read = readerOf(strategy, field)
  return (object: KubeObject): boolean => (read(object) === value) === equal
}

function readerOf(strategy: Strategy, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? ''
  if (field === 'metadata.namespace' && strategy.kind.namespaced) {
    return (object) => object.metadata.namespace ?? ''
  }
  const fields = strategy.fields ?? {}
  const read = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (!read) throw badRequest(`field label not supported: ${field}`)
  return read
}
