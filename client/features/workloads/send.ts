// Sends what is in the editor to the API, document by document.
import type { Document } from 'yaml'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { ApiError } from '../../../shared/status.ts'
import { kube } from '../../live/kubernetes.ts'
import { kindNamed, withHidden } from './editing.ts'
import type { ListedKind } from './kindList.ts'
import { documentsOf, refusalProblems, syntaxProblems } from './problems.ts'
import type { Problem } from './problems.ts'

const MANAGER = 'podium'

/** What was done, and what is wrong. */
export interface Sent {
  /** `ConfigMap a`, of each object that was written. */
  written: string[]
  problems: Problem[]
  /** Somebody else owns fields that this would change: it can be taken over. */
  isOwnedByOthers: boolean
}

type Write = (object: KubeObject, force: boolean) => Promise<unknown>

async function send(
  text: string,
  write: Write,
  options: { isForced: boolean; isOne: boolean },
): Promise<Sent> {
  const documents = documentsOf(text)
  const sent: Sent = { written: [], problems: [], isOwnedByOthers: false }
  const broken = documents.flatMap(syntaxProblems)
  if (broken.length > 0) return { ...sent, problems: broken }
  if (documents.length === 0) return { ...sent, problems: [wholeProblem('There is nothing here.')] }
  if (options.isOne && documents.length > 1) {
    return { ...sent, problems: [wholeProblem('One object is edited: there may be only one.')] }
  }
  // As kubectl does, what is refused keeps nothing else from being written.
  for (const document of documents) {
    const object = document.toJS() as KubeObject
    try {
      await write(object, options.isForced)
      sent.written.push(nameOf(object))
    } catch (error) {
      const of = documents.length > 1 ? nameOf(object) : ''
      sent.problems.push(...problemsOf(document, error).map((problem) => ({ ...problem, of })))
      sent.isOwnedByOthers ||= isOwnership(error)
    }
  }
  return sent
}

const nameOf = (object: KubeObject | null): string =>
  [object?.kind, object?.metadata?.name].filter(Boolean).join(' ')

const wholeProblem = (message: string): Problem => ({ from: 0, to: 1, path: '', message })

function problemsOf(document: Document.Parsed, error: unknown): Problem[] {
  if (error instanceof ApiError) return refusalProblems(document, error)
  return [wholeProblem(error instanceof Error ? error.message : String(error))]
}

const isOwnership = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.status.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict') === true

function refuse(message: string, field: string): never {
  throw new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code: 422,
    message,
    details: { causes: [{ field, message }] },
  })
}

/** Applies each document (server-side apply); one without a name but with a generateName is created. */
export function applyText(
  text: string,
  context: { kinds: readonly ListedKind[]; namespace: string | null; isForced: boolean },
): Promise<Sent> {
  const write: Write = (object, force) => {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      refuse('This is no object: it needs apiVersion, kind and metadata.', '')
    }
    if (!object.apiVersion) refuse('It needs an apiVersion.', 'apiVersion')
    if (!object.kind) refuse('It needs a kind.', 'kind')
    const kind = kindNamed(object, context.kinds)
    if (!kind) refuse(`This cluster has no ${object.kind} in ${object.apiVersion}.`, 'kind')
    const { name, generateName, namespace = context.namespace ?? 'default' } = object.metadata ?? {}
    if (!name && !generateName) refuse('It needs a name.', 'metadata.name')
    const metadata = { ...object.metadata, ...(kind.namespaced && { namespace }) }
    const placed = { ...object, metadata }
    if (!name) return kube.create(kind, placed, { fieldManager: MANAGER })
    const key = { namespace: kind.namespaced ? namespace : undefined, name }
    return kube.patch(kind, key, placed, {
      type: 'apply',
      fieldManager: MANAGER,
      fieldValidation: 'Strict',
      force,
    })
  }
  return send(text, write, { isForced: context.isForced, isOne: false })
}

/** Writes what was edited in place of `original`, unless somebody wrote in between. */
export function replaceText(
  text: string,
  original: KubeObject,
  kind: ListedKind['kind'],
): Promise<Sent> {
  const write: Write = (edited) => {
    const { name, namespace } = original.metadata
    if (edited?.metadata?.name !== name || edited.metadata.namespace !== namespace) {
      refuse('An object keeps its name and namespace. Create another instead.', 'metadata.name')
    }
    return kube.update(kind, withHidden(edited, original), {
      fieldManager: MANAGER,
      fieldValidation: 'Strict',
    })
  }
  return send(text, write, { isForced: false, isOne: true })
}
