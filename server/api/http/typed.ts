// What kubectl says of itself, for those who want to know what was typed: its headers name the command and the run
// (cli-runtime/pkg/genericclioptions/command_headers.go); releases before them have their user agent only.
import type { IncomingHttpHeaders } from 'node:http'
import type { ObjectKey } from '../../../shared/client.ts'
import type { OnDeletion, TypedDeletion } from '../../../shared/deletions.ts'

export interface TypedDeletions {
  /** Tells of an object that was deleted just now, if it was kubectl that asked. */
  tell(headers: IncomingHttpHeaders, singular: string, key: ObjectKey): void
  readonly subscribe: OnDeletion
}

/** Nobody listens yet. */
export function createTypedDeletions(): TypedDeletions {
  const listeners = new Set<(deletion: TypedDeletion) => void>()
  return {
    tell(headers, singular, { namespace, name }) {
      if (listeners.size === 0 || !isDeleteCommand(headers)) return
      const session = one(headers['kubectl-session'])
      for (const listener of listeners) listener({ singular, namespace, name, session })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function isDeleteCommand(headers: IncomingHttpHeaders): boolean {
  const command = one(headers['kubectl-command'])
  if (command !== null) return command === 'kubectl delete'
  return headers['user-agent']?.startsWith('kubectl/') ?? false
}

function one(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null
}
